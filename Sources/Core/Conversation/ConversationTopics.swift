import Dialogue
public import Events
import NIOCore
import Speech
import Storage

/// Publishes what happens in a conversation, so that anybody may follow it: under `session/<id>/transcript`,
/// `session/<id>/answer` and `session/<id>/turn`. Sound is not published.
///
/// Messages are of type `custom`; their data say by `type` what happened, and by `number` in which order.
public struct ConversationTopics: Sendable {
    private let hub: EventHub
    private let session: String
    private let transcript: TopicName
    private let answer: TopicName
    private let turn: TopicName

    /// The topics of a session. Throws `TopicError` if its identifier cannot be part of a topic's name.
    public init(session: String, hub: EventHub) throws(TopicError) {
        self.hub = hub
        self.session = session
        transcript = try TopicName("session/\(session)/transcript")
        answer = try TopicName("session/\(session)/answer")
        turn = try TopicName("session/\(session)/turn")
    }

    /// Publishes what happened as event `number` of the session.
    public func publish(_ kind: ConversationEvent.Kind, number: Int) {
        let (topic, type, write) = Self.description(of: kind)
        publish(type, to: self[keyPath: topic], number: number, write)
    }

    /// What happened, as the members of a JSON object without its braces.
    public static func members(of kind: ConversationEvent.Kind, number: Int) -> String {
        let (_, type, write) = description(of: kind)
        let object = JSONWriter.object { writer in
            writer.member("type", type)
            writer.member("number", number)
            write(&writer)
        }
        return String(String(buffer: object).dropFirst().dropLast())
    }

    private func publish(_ type: String, to topic: TopicName, number: Int, _ write: Writing) {
        let data = JSONWriter.object { writer in
            writer.member("type", type)
            writer.member("session", session)
            writer.member("number", number)
            write(&writer)
        }
        // The topics of a conversation are not durable by themselves; a publisher that cannot be served loses nothing
        // that the session does not keep.
        hub.submit(Draft(type: EventType.custom.rawValue, data: data), to: topic) { _ in }
    }

    private typealias Writing = (inout JSONWriter) -> Void

    private static func description(
        of kind: ConversationEvent.Kind
    ) -> (KeyPath<ConversationTopics, TopicName>, String, Writing) {
        switch kind {
        case .speechStarted(let utterance, let sample):
            (
                \.transcript, "speech_started",
                {
                    $0.member("utterance", utterance); $0.member("sample", sample)
                }
            )
        case .speechEnded(let utterance, let sample, let silence):
            (
                \.transcript, "speech_ended",
                {
                    $0.member("utterance", utterance); $0.member("sample", sample)
                    $0.member("silence_ms", Int(silence / .milliseconds(1)))
                }
            )
        case .partialTranscript(let utterance, let text):
            (
                \.transcript, "partial_transcript",
                {
                    $0.member("utterance", utterance); $0.member("text", text)
                }
            )
        case .transcript(let turn, let text):
            (
                \.transcript, "transcript",
                {
                    $0.member("turn", turn); $0.member("text", text)
                }
            )
        case .turnStarted(let id):
            (\.turn, "turn_started", { $0.member("turn", id) })
        case .responderFailed(let id, let handover):
            (
                \.turn, "responder_failed",
                {
                    $0.member("turn", id); $0.member("responder", handover.from); $0.member("reason", handover.reason)
                }
            )
        case .answerText(let turn, let text):
            (
                \.answer, "answer_text",
                {
                    $0.member("turn", turn); $0.member("text", text)
                }
            )
        case .segment(let turn, let index, let text):
            (
                \.answer, "segment",
                {
                    $0.member("turn", turn); $0.member("index", index); $0.member("text", text)
                }
            )
        case .toolCalled(let id, let call):
            (
                \.turn, "tool_called",
                {
                    $0.member("turn", id); $0.member("call", call.id); $0.member("tool", call.name)
                    $0.member("arguments", call.arguments)
                }
            )
        case .toolReturned(let id, let call):
            (
                \.turn, "tool_returned",
                {
                    $0.member("turn", id); $0.member("call", call)
                }
            )
        case .usage(let id, let usage):
            (
                \.turn, "usage",
                {
                    $0.member("turn", id); $0.member("prompt_tokens", usage.prompt)
                    $0.member("completion_tokens", usage.completion)
                }
            )
        case .speakingStarted(let id):
            (\.turn, "speaking_started", { $0.member("turn", id) })
        case .answerHeld(let id):
            (\.turn, "answer_held", { $0.member("turn", id) })
        case .answerResumed(let id):
            (\.turn, "answer_resumed", { $0.member("turn", id) })
        case .turnEnded(let record):
            (\.turn, "turn_ended", { write(record, to: &$0) })
        }
    }

    private static func write(_ record: Turn.Record, to writer: inout JSONWriter) {
        writer.member("turn", record.id)
        writer.member("outcome", record.outcome.name)
        writer.member("transcript", record.transcript)
        writer.member("answer", record.answer)
        writer.member("heard", record.heardAnswer)
        if let responder = record.responder { writer.member("responder", responder) }
        if record.outcome == .interrupted {
            writer.member("leaked_ms", Int(record.playback.leaked / .milliseconds(1)))
        }
        guard !record.handovers.isEmpty else { return }
        writer.array("handovers") { array in
            for handover in record.handovers {
                array.object {
                    $0.member("from", handover.from); $0.member("reason", handover.reason)
                }
            }
        }
    }
}
