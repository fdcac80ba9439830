import Foundation

/// One piece of a streamed answer; everything in it may be missing.
struct ChatChunk: Decodable {
    struct Choice: Decodable {
        var index: Int?
        var delta: Delta?
        var finishReason: String?

        enum CodingKeys: String, CodingKey {
            case index, delta
            case finishReason = "finish_reason"
        }
    }

    struct Delta: Decodable {
        var content: String?
        /// Whether the model thinks aloud in a field of its own.
        var isReasoning: Bool
        var toolCalls: [ToolCallDelta]

        private enum CodingKeys: String, CodingKey {
            case content, reasoning
            case toolCalls = "tool_calls"
            case reasoningContent = "reasoning_content"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            content = try container.decodeIfPresent(String.self, forKey: .content)
            toolCalls = try container.decodeIfPresent([ToolCallDelta].self, forKey: .toolCalls) ?? []
            isReasoning = [.reasoning, .reasoningContent].contains { key in
                // Servers differ in what they put here; only text counts.
                (try? container.decode(String.self, forKey: key))?.isEmpty == false
            }
        }
    }

    /// More of a call of a tool.
    struct ToolCallDelta: Decodable {
        struct Function: Decodable {
            var name: String?
            var arguments: String?
        }

        var index: Int?
        var id: String?
        var function: Function?
    }

    struct Usage: Decodable {
        var promptTokens: Int?
        var completionTokens: Int?

        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }
    }

    var choices: [Choice]?
    var error: ChatFailure?
    var usage: Usage?
}

/// A refusal inside a stream: `{"error": {"message": …, "code": …}}`, `{"error": "…"}` and relatives.
struct ChatFailure: Decodable, Equatable {
    /// The HTTP status that the failure would have had, if it says so.
    var status: Int?

    private enum CodingKeys: String, CodingKey {
        case code, status
    }

    init(from decoder: any Decoder) throws {
        guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
        status = [CodingKeys.code, .status].lazy
            .compactMap { try? container.decode(Int.self, forKey: $0) }
            .first { (400..<600).contains($0) }
    }
}
