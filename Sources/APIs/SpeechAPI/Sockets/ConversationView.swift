import Audio
import Conversation
import Dialogue
import Foundation
import Serving
import Speech
import Storage

/// A conversation as the sockets of the STTS server show it: a value that makes messages of what happens in a session.
///
/// An answer is sent one segment (clause or sentence) at a time, each as a WAV file.
struct ConversationView: Sendable {
    /// The words that a socket uses.
    enum Dialect: Sendable, Equatable {
        /// `/ws/conversation`
        case first
        /// `/ws/conversation/v2` and `/custom`
        case library
    }

    /// What the conversation is doing, as clients know it.
    enum State: String, Sendable {
        case listening, processing, speaking
    }

    /// The longest WAV file in a message; a longer segment is sent in several.
    static let longestFile: Duration = .seconds(10)
    /// What the sample numbers of a session count, in Hz.
    private static let clockRate = 16_000

    let dialect: Dialect
    var sendsPartials: Bool
    /// Whether an answer that the user speaks over is held first.
    var holds: Bool
    var language: String?
    private(set) var state = State.listening
    private var speechStart = 0
    private var speechEnd = 0
    private var segments: [Int: String] = [:]
    private var samples: [Float] = []
    private var sampleRate = 24_000
    private var speakingTurn: Turn.ID?
    private var inputLengths = (count: 0, characters: 0)

    init(_ dialect: Dialect, sendsPartials: Bool = false, holds: Bool = false, language: String? = nil) {
        self.dialect = dialect
        self.sendsPartials = sendsPartials
        self.holds = holds
        self.language = language
    }

    // MARK: What happens

    /// The messages that tell of an event.
    mutating func happened(_ event: ConversationEvent.Kind) -> [JSONValue] {
        switch event {
        case .speechStarted(_, let sample):
            speechStart = sample
            if state == .processing || !holds { state = .listening }
            return speechEvent("speech_start", silence: .zero)
        case .speechEnded(_, let sample, let silence):
            speechEnd = sample
            if state == .listening { state = .processing }
            return speechEvent("speech_end", silence: silence)
        case .partialTranscript(_, let text):
            return sendsPartials ? [transcription(text, isPartial: true)] : []
        case .transcript(_, let text):
            inputLengths = (inputLengths.count + 1, inputLengths.characters + text.count)
            return [transcription(text, isPartial: false)]
        case .segment(_, let index, let text):
            segments[index] = text
            return []
        case .answerHeld(let turn):
            return [["type": "paused", "turn": number(turn), "message": "Hold what you play; the user speaks."]]
        case .answerResumed(let turn):
            return [["type": "resumed", "turn": number(turn), "message": "Go on with what you hold."]]
        case .turnEnded(let record):
            return ended(record)
        case .toolCalled(let turn, let call):
            return [
                [
                    "type": "tool_call", "turn": number(turn), "id": .string(call.id), "name": .string(call.name),
                    "arguments": .string(call.arguments),
                ]
            ]
        case .turnStarted, .responderFailed, .answerText, .toolReturned, .usage, .speakingStarted:
            return []
        }
    }

    private mutating func ended(_ record: Turn.Record) -> [JSONValue] {
        segments = [:]
        samples = []
        speakingTurn = nil
        var messages: [JSONValue] = []
        switch record.outcome {
        case .interrupted, .cancelled:
            messages.append([
                "type": "interrupted", "turn": number(record.id), "heard_text": .string(record.heardAnswer),
                "heard_ms": .number(record.playback.heard.milliseconds.rounded(places: 1)),
                "leaked_ms": .number(record.playback.leaked.milliseconds.rounded(places: 1)),
                "message": "The answer ends here; play nothing more of it.",
            ])
        case .failed(_, let reason):
            messages.append(["type": "error", "turn": number(record.id), "message": .string(reason)])
        case .completed, .nothingSaid, .unfinished: break
        }
        state = .listening
        if dialect == .library {
            messages.append(stateUpdate("Listening."))
        } else {
            messages.append(conversationState(events: [], silence: .zero))
        }
        if let timings = timings(record) { messages.append(timings) }
        return messages
    }

    /// How long the parts of a turn took, for those who show it; clients that do not know it pass it over.
    private func timings(_ record: Turn.Record) -> JSONValue? {
        guard sendsPartials, record.outcome != .nothingSaid else { return nil }
        let timings = record.timings
        func milliseconds(_ duration: Duration?) -> JSONValue {
            duration.map { .number($0.milliseconds.rounded(places: 1)) } ?? .null
        }
        return [
            "type": "turn_timings", "turn": number(record.id), "outcome": .string(record.outcome.name),
            "endpointing_ms": milliseconds(timings.endpointing),
            "transcription_ms": milliseconds(timings.transcription),
            "first_token_ms": milliseconds(timings.firstToken),
            "first_sentence_ms": milliseconds(timings.firstSentence),
            "synthesis_ms": milliseconds(timings.synthesis), "first_audio_ms": milliseconds(timings.firstAudio),
        ]
    }

    /// The messages that bring a piece of an answer.
    mutating func spoke(_ piece: AnswerSound) -> [JSONValue] {
        sampleRate = piece.sound.sampleRate
        samples += piece.sound.samples
        let isLong = samples.count >= Self.longestFile.samples(at: sampleRate)
        guard piece.endsSegment || isLong, !samples.isEmpty else { return [] }
        defer { samples = [] }
        var messages: [JSONValue] = []
        if speakingTurn != piece.turn {
            speakingTurn = piece.turn
            state = .speaking
            messages.append(
                [
                    "type": "speaking", "turn": number(piece.turn), "state": "speaking",
                    "message": "The answer is being delivered.",
                ]
            )
        }
        let text = segments[piece.segment] ?? ""
        let start = piece.end - Duration.samples(samples.count, at: sampleRate)
        var message: [String: JSONValue] = [
            "type": .string(dialect == .first ? "response_audio" : "audio_response"),
            "audio_data": .string(Self.wav(samples, sampleRate).base64EncodedString()),
            "format": "wav", "sample_rate": number(sampleRate), "turn": number(piece.turn),
            "segment": number(piece.segment), "start_ms": .number(start.milliseconds.rounded(places: 1)),
            "duration_ms": .number((Double(samples.count) / Double(sampleRate) * 1000).rounded(places: 1)),
        ]
        if dialect == .first {
            message["response_text"] = .string(text)
        } else {
            messages.append(["type": "response_text", "text": .string(text), "turn": number(piece.turn)])
        }
        messages.append(.object(message))
        return messages
    }

    private static func wav(_ samples: [Float], _ rate: Int) -> Data {
        // 16-bit PCM needs no library that could fail.
        let bytes = (try? AudioEncoder.encodeWhole(PCM(samples, sampleRate: rate), as: .wav, sampleRate: rate)) ?? []
        return Data(bytes)
    }

    // MARK: Messages

    private func speechEvent(_ name: String, silence: Duration) -> [JSONValue] {
        switch dialect {
        case .first: return [conversationState(events: [name], silence: silence)]
        case .library:
            let event: JSONValue = [
                "type": "speech_event", "event": .string(name),
                "message": .string(name == "speech_start" ? "Speech began." : "Speech ended."),
            ]
            return name == "speech_end" && state == .processing ? [event, stateUpdate("Processing.")] : [event]
        }
    }

    private func conversationState(events: [String], silence: Duration) -> JSONValue {
        let isSpeaking = events == ["speech_start"]
        let spoken = events == ["speech_end"] ? Double(speechEnd - speechStart) / Double(Self.clockRate) : 0
        let silence = silence.milliseconds.rounded(places: 1)
        return [
            "type": "conversation_state", "state": .string(state.rawValue), "is_speaking": .bool(isSpeaking),
            "silence_duration_ms": .number(silence), "events": JSONValue(events),
            "pause_detection": [
                "is_speaking": .bool(isSpeaking), "speech_frames": number(frames(spoken)),
                "silence_frames": number(frames(silence / 1000)), "silence_duration_ms": .number(silence),
                "speech_duration_ms": .number((spoken * 1000).rounded(places: 1)),
                "time_since_speech": isSpeaking || events.isEmpty
                    ? .null : .number((silence / 1000).rounded(places: 3)),
                "speech_confidence": .number(isSpeaking ? 1 : 0),
                "pause_confidence": .number(events == ["speech_end"] ? 1 : 0), "events": JSONValue(events),
            ],
        ]
    }

    /// So many frames of 30 ms, in which the original counts.
    private func frames(_ seconds: Double) -> Int { Int((seconds / 0.03).rounded(.down)) }

    private func stateUpdate(_ text: String) -> JSONValue {
        ["type": "state_update", "state": .string(state.rawValue), "message": .string(text)]
    }

    private func transcription(_ text: String, isPartial: Bool) -> JSONValue {
        let end = isPartial ? nil : max(0, Double(speechEnd - speechStart) / Double(Self.clockRate))
        var message: [String: JSONValue] = [
            "type": "transcription", "text": .string(text), "language": .string(language ?? "unknown"),
            "partial": .bool(isPartial),
        ]
        if let end {
            let duration = end.rounded(places: 3)
            message["timing"] =
                dialect == .first
                ? ["start": 0, "end": .number(duration), "duration": .number(duration)]
                : ["duration": .number(duration)]
            message["segments"] = [["text": .string(text), "start": 0, "end": .number(duration)]]
            message["stream_start"] = .number((Double(speechStart) / Double(Self.clockRate)).rounded(places: 3))
            message["stream_end"] = .number((Double(speechEnd) / Double(Self.clockRate)).rounded(places: 3))
        } else {
            message["timing"] = [:]
            message["segments"] = []
        }
        return .object(message)
    }

    /// How the conversation went so far.
    func statistics(mode: SocketManner.Mode) -> JSONValue {
        guard inputLengths.count > 0 else { return ["type": "statistics", "data": ["total_exchanges": 0]] }
        return [
            "type": "statistics",
            "data": [
                "total_exchanges": number(inputLengths.count),
                "avg_input_length": .number(Double(inputLengths.characters) / Double(inputLengths.count)),
                "response_mode": .string(mode.rawValue),
                "template_categories": JSONValue(mode == .template ? Self.templateCategories : []),
            ],
        ]
    }

    /// Nothing was said yet.
    mutating func reset() {
        self = ConversationView(dialect, sendsPartials: sendsPartials, holds: holds, language: language)
    }

    private func number(_ value: Int) -> JSONValue { .number(Double(value)) }

    /// The kinds of utterances that the template responder tells apart.
    static let templateCategories = [
        "greeting", "farewell", "question_how", "question_what", "affirmation", "negation", "compliment", "confusion",
        "time",
        "generic",
    ]
}
