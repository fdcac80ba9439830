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
            for event in try events.feed(bytes) where end == nil { take(event, into: &output) }
        } catch {
            end = .failed(.malformed(reason: "more than \((error as? ServerSentEvents.TooLong)?.limit ?? 0) bytes"))
        }
        output.end = end
        return output
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
        guard let choice = chunk.choices?.first(where: { ($0.index ?? 0) == 0 }) else { return }
        if let content = choice.delta?.content, !content.isEmpty {
            output.hasProgress = true
            append(filter.feed(content), to: &output)
        }
        if choice.delta?.isReasoning == true { output.hasProgress = true }
        if end == nil, choice.finishReason != nil { complete(&output) }
    }

    private mutating func complete(_ output: inout Output) {
        append(filter.finish(), to: &output)
        if end == nil { end = textCount > 0 ? .complete : .failed(.emptyAnswer) }
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
