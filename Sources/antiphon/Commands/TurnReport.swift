import Audio
import Conversation
import Foundation
import Speech
import Storage

/// A turn as `talk` shows it. In JSON the unit of a time is in its name.
struct TurnReport: Encodable {
    struct State: Encodable {
        var id: Int
        var state: String
    }

    struct Times: Encodable {
        var endpointing, transcription, firstToken, firstSentence, synthesis, firstAudio, total: Double

        private enum CodingKeys: String, CodingKey {
            case endpointing = "endpointing_ms"
            case transcription = "transcription_ms"
            case firstToken = "first_token_ms"
            case firstSentence = "first_sentence_ms"
            case synthesis = "synthesis_ms"
            case firstAudio = "first_audio_ms"
            case total = "total_ms"
        }
    }

    struct Playback: Encodable {
        var generated, sent, heard: Double

        private enum CodingKeys: String, CodingKey {
            case generated = "generated_ms"
            case sent = "sent_ms"
            case heard = "heard_ms"
        }
    }

    var turn: State
    var transcript, answer: String
    /// Who answered.
    var responder: String?
    var handedOver: [Turn.Handover]
    var timings: Times
    var playback: Playback
    var output: String?
    /// How long loading the engines took, before the turn.
    var load: Double

    private enum CodingKeys: String, CodingKey {
        case turn, transcript, answer, responder, timings, playback, output, handedOver
        case load = "load_ms"
    }

    /// The report of a turn whose answer was written to `output`, with engines that took `load` to load.
    init(_ record: Turn.Record, load: Duration, output: String?) {
        func milliseconds(_ duration: Duration?) -> Double {
            ((duration ?? .zero).milliseconds * 1000).rounded() / 1000
        }
        turn = State(id: record.id, state: record.outcome.name)
        transcript = record.transcript
        answer = record.answer
        responder = record.responder
        handedOver = record.handovers
        timings = Times(
            endpointing: milliseconds(record.timings.endpointing),
            transcription: milliseconds(record.timings.transcription),
            firstToken: milliseconds(record.timings.firstToken),
            firstSentence: milliseconds(record.timings.firstSentence),
            synthesis: milliseconds(record.timings.synthesis),
            firstAudio: milliseconds(record.timings.firstAudio),
            total: milliseconds(record.timings.total)
        )
        playback = Playback(
            generated: milliseconds(record.playback.generated),
            sent: milliseconds(record.playback.sent),
            heard: milliseconds(record.playback.heard)
        )
        self.output = output
        self.load = milliseconds(load)
    }

    /// The report for people.
    var text: String {
        let rows: [(String, Double)] = [
            ("end of speech to endpoint", timings.endpointing), ("… to transcript", timings.transcription),
            ("… to first token", timings.firstToken), ("… to first sentence", timings.firstSentence),
            ("… to first audio", timings.synthesis), ("end of speech to first audio", timings.firstAudio),
            ("end of speech to end of answer", timings.total), ("loading the engines, before that", load),
        ]
        var lines = ["You:    \(transcript)", "Answer: \(answer.trimmingCharacters(in: .whitespacesAndNewlines))"]
        if let responder { lines.append("        (answered by \(responder))") }
        lines += handedOver.map { "        (\($0.from) could not answer: \($0.reason))" }
        lines.append("")
        lines += rows.map { name, value in
            name.padding(toLength: 33, withPad: " ", startingAt: 0) + String(format: "%8.1f ms", value)
        }
        if let output { lines.append(String(format: "\n%.1f s of speech in %@", playback.generated / 1000, output)) }
        return lines.joined(separator: "\n")
    }
}
