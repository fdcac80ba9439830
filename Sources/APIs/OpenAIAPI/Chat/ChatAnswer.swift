import Dialogue
import Foundation
import Serving

/// The answer of a responder in OpenAI's shapes.
struct ChatAnswer: Sendable {
    let request: ChatRequest
    private let id = "chatcmpl-" + UUID().uuidString.filter { $0 != "-" }.lowercased()
    private let created = Date.now.timeIntervalSince1970.rounded(.down)

    init(to request: ChatRequest) {
        self.request = request
    }

    /// The whole answer.
    func completion(_ text: String) -> JSONValue {
        completion(text, message: ["role": "assistant", "content": .string(text), "refusal": .null])
    }

    /// The whole answer in the form of `message`; `text` is what it says.
    func completion(_ text: String, message: JSONValue) -> JSONValue {
        object(
            "chat.completion",
            choices: [
                [
                    "index": 0, "message": message, "logprobs": .null, "finish_reason": "stop",
                ]
            ],
            usage: usage(text)
        )
    }

    /// The event that begins a stream.
    var beginning: ServerSentEvent { chunk(["role": "assistant", "content": ""]) }

    /// More text.
    func piece(_ text: String) -> ServerSentEvent { chunk(["content": .string(text)]) }

    /// The events that end a stream; `text` is all that was sent.
    func end(_ text: String) -> [ServerSentEvent] {
        let usage =
            request.wantsUsage
            ? [ServerSentEvent(data: object("chat.completion.chunk", choices: [], usage: usage(text)))] : []
        return [chunk([:], finish: "stop")] + usage + [.done]
    }

    /// A chunk of a stream.
    func chunk(_ delta: JSONValue, finish: JSONValue = .null) -> ServerSentEvent {
        ServerSentEvent(
            data: object(
                "chat.completion.chunk",
                choices: [["index": 0, "delta": delta, "logprobs": .null, "finish_reason": finish]],
                usage: nil
            )
        )
    }

    private func object(_ kind: String, choices: JSONValue, usage: JSONValue?) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "object": .string(kind), "created": .number(created), "model": .string(request.model),
            "choices": choices,
        ]
        members["usage"] = usage
        return .object(members)
    }

    private func usage(_ text: String) -> JSONValue {
        let prompt = (request.prompt.history.map(\.text) + [request.prompt.text]).reduce(0) { sum, text in
            sum + TokenEstimate.text(text)
        }
        let completion = TokenEstimate.text(text)
        return [
            "prompt_tokens": .number(Double(prompt)), "completion_tokens": .number(Double(completion)),
            "total_tokens": .number(Double(prompt + completion)),
        ]
    }
}
