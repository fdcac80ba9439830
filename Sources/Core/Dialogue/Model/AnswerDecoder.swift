import SpokenText
import Foundation
import Telemetry

/// Turns the bytes of a streamed chat completion into text that may be spoken.
struct AnswerDecoder: Sendable {
    /// How an answer ends.
    enum End: Sendable, Equatable {
        case complete
        case failed(ResponderError.Code)
    }

    /// What some bytes brought.
    struct Output: Sendable, Equatable {
        var text = ""
        /// Calls of tools.
        var toolCalls: [ToolCallPiece] = []
        /// How many tokens the answer took.
        var usage: TokenUsage?
        /// Whether the model produced anything, thoughts included.
        var hasProgress = false
        var end: End?
    }

    /// The most bytes of text an answer may have.
    static let maximumText = 200_000
    /// The most bytes a response may have, thoughts and wrapping included.
    static let maximumBytes = 16_000_000

    private var events = ServerSentEvents()
    private var filter = ThoughtFilter()
    private var byteCount = 0
    private var textCount = 0
    private var hasToolCall = false
    private var end: End?
    /// What no word of a refusal may show.
    private let secret: String?

    /// A decoder that keeps `secret` out of what it says of refusals.
    init(hiding secret: String? = nil) {
        self.secret = secret
    }

    /// Takes bytes of the body. Nothing more comes out after an end.
    mutating func feed(_ bytes: some Collection<UInt8>) -> Output {
        var output = Output()
        guard end == nil else { return output }
        byteCount += bytes.count
        do {
            guard byteCount <= Self.maximumBytes else { throw ServerSentEvents.TooLong(limit: Self.maximumBytes) }
            for event in try events.feed(bytes) {
                if end == nil {
                    take(event, into: &output)
                } else if end == .complete {
                    output.usage = Self.usage(in: event) ?? output.usage
                }
            }
        } catch {
            end = .failed(.malformed(reason: "more than \((error as? ServerSentEvents.TooLong)?.limit ?? 0) bytes"))
        }
        output.end = end
        return output
    }

    /// Takes bytes that come behind the end of a complete answer, of which only the usage counts.
    mutating func feedBehindEnd(_ bytes: some Collection<UInt8>) -> TokenUsage? {
        byteCount += bytes.count
        guard end == .complete, byteCount <= Self.maximumBytes else { return nil }
        return (try? events.feed(bytes))?.compactMap(Self.usage).last
    }

    private static func usage(in event: ServerSentEvents.Event) -> TokenUsage? {
        (try? JSONDecoder().decode(ChatChunk.self, from: Data(event.data.utf8))).flatMap(usage)
    }

    private static func usage(of chunk: ChatChunk) -> TokenUsage? {
        guard let prompt = chunk.usage?.promptTokens, let completion = chunk.usage?.completionTokens else { return nil }
        return TokenUsage(prompt: prompt, completion: completion)
    }

    /// The body has ended.
    mutating func finish() -> Output {
        var output = Output()
        guard end == nil else { return output }
        if let event = events.finish() { take(event, into: &output) }
        if end == nil {
            end = .failed(.unreachable(reason: "it closed the connection before the answer was complete"))
        }
        output.end = end
        return output
    }

    private mutating func take(_ event: ServerSentEvents.Event, into output: inout Output) {
        let data = event.data.trimmingCharacters(in: .whitespaces)
        guard !data.isEmpty else { return }
        if data == "[DONE]" { return complete(&output) }
        guard let chunk = try? JSONDecoder().decode(ChatChunk.self, from: Data(data.utf8)) else {
            end = .failed(.malformed(reason: "an event that is no chat completion"))
            return
        }
        if let failure = chunk.error {
            let word = MachineWord(ofRefusal: Data(data.utf8), hiding: secret)
            end = .failed(.refused(status: failure.status ?? 200, word: word))
            return
        }
        output.usage = Self.usage(of: chunk) ?? output.usage
        guard let choice = chunk.choices?.first(where: { ($0.index ?? 0) == 0 }) else { return }
        if let content = choice.delta?.content, !content.isEmpty {
            output.hasProgress = true
            append(filter.feed(content), to: &output)
        }
        for call in choice.delta?.toolCalls ?? [] {
            output.hasProgress = true
            hasToolCall = true
            output.toolCalls.append(
                ToolCallPiece(
                    index: call.index ?? 0,
                    id: call.id,
                    name: call.function?.name,
                    arguments: call.function?.arguments ?? ""
                )
            )
        }
        if choice.delta?.isReasoning == true { output.hasProgress = true }
        if end == nil, choice.finishReason != nil { complete(&output) }
    }

    private mutating func complete(_ output: inout Output) {
        append(filter.finish(), to: &output)
        if end == nil { end = textCount > 0 || hasToolCall ? .complete : .failed(.emptyAnswer) }
    }

    private mutating func append(_ text: String, to output: inout Output) {
        textCount += text.utf8.count
        if textCount > Self.maximumText {
            end = .failed(.textTooLong(limit: Self.maximumText))
        } else {
            output.text += text
        }
    }
}
