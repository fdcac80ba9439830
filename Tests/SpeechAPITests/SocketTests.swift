import Audio
import Foundation
import Serving
import Storage
import Testing

@testable import Conversation
@testable import SpeechAPI

/// What clients of the sockets send, as values.
@Suite struct SocketInputTests {
    private func command(
        _ text: String,
        _ dialect: ConversationView.Dialect = .first
    ) throws(SocketMistake) -> SocketCommand {
        try SocketCommand(Array(text.utf8), dialect: dialect, sampleRate: 16_000, longestText: 20)
    }

    @Test func `a sample may be split between two frames`() {
        var sound = SocketSound()
        #expect(sound.take([0x00]).samples.isEmpty)
        #expect(sound.take([0x40, 0x00, 0xC0, 0x01]).samples == [0.5, -0.5])
        #expect(sound.take([0x00]).samples == [Float(1) / 32768])
    }

    @Test func `actions are understood`() throws {
        #expect(try command(#"{"action":"reset"}"#) == .reset)
        #expect(try command(#"{"action":"change_response_mode","mode":"template"}"#) == .change(.template))
        #expect(try command(#"{"action":"change_mode","mode":"echo"}"#, .library) == .change(.echo))
        #expect(try command(#"{"action":"change_response_mode","mode":"echo"}"#, .library) == .unknown)
        #expect(try command(#"{"action":"text","text":"hello"}"#) == .write("hello"))
        #expect(try command(#"{"action":"heard","heard_ms":250.5,"turn":3}"#) == .heard(3, .microseconds(250_500)))
        #expect(try command(#"{"action":"dance"}"#) == .unknown)
        #expect(try command(#"{}"#) == .unknown)
    }

    @Test(arguments: [
        ("nope", "no JSON object"), ("[1]", "no JSON object"), (#"{"action":"change_mode","mode":"sing"}"#, "mode"),
        (#"{"action":"text","text":"  "}"#, "text"),
        (#"{"action":"text","text":"more than twenty letters"}"#, "at most 20"),
        (#"{"action":"heard","heard_ms":-1}"#, "heard_ms"), (#"{"action":"heard","heard_ms":1e300}"#, "heard_ms"),
        (#"{"audio_data":"%%"}"#, "base64"), (#"{"audio_data":"AAA=","sample_rate":16000}"#, ""),
        (#"{"audio_data":"AAAA","sample_rate":1}"#, "sample_rate"),
        (#"{"audio_data":"AAAA","channels":0}"#, "channels"),
        (#"{"audio_data":"AAAA","format":"mp3"}"#, "format"), (#"{"audio_data":"AAAA"}"#, "whole samples"),
    ])
    func `a mistake is named`(text: String, part: String) throws {
        if part.isEmpty {
            #expect(try command(text) == .sound(.samples(PCM([0], sampleRate: 16_000))))
        } else {
            let mistake = #expect(throws: SocketMistake.self) { try command(text) }
            #expect(mistake?.message.contains(part) == true)
        }
    }

    @Test func `sound in JSON is taken in both forms and mixed to one channel`() throws {
        let two = Data([0x00, 0x40, 0x00, 0x00]).base64EncodedString()
        #expect(
            try command(#"{"audio_data":"\#(two)","sample_rate":8000,"channels":2,"format":"pcm"}"#)
                == .sound(.samples(PCM([0.25], sampleRate: 8000)))
        )
        #expect(
            try command(#"{"type":"audio","data":"\#(two)","config":{"sample_rate":24000}}"#)
                == .sound(.samples(PCM([0.5, 0], sampleRate: 24_000)))
        )
    }

    @Test func `a file in JSON is decoded and what is none is a mistake`() async throws {
        let wav = try AudioEncoder.encodeWhole(PCM([0, 0.5], sampleRate: 16_000), as: .wav)
        #expect(try await SocketSound.decode(file: wav).samples.count == 2)
        await #expect(throws: SocketMistake.self) { try await SocketSound.decode(file: [1, 2, 3]) }
    }
}

/// What the sockets tell of a conversation, as a value.
@Suite struct ConversationViewTests {
    private func types(_ messages: [JSONValue]) -> [String] {
        messages.compactMap { if case .string(let type)? = $0.members?["type"] { type } else { nil } }
    }

    private func piece(_ count: Int, endsSegment: Bool = false, segment: Int = 0) -> AnswerSound {
        var piece = AnswerSound(
            turn: 1,
            segment: segment,
            position: .zero,
            sound: PCM([Float](repeating: 0.1, count: count), sampleRate: 24_000),
            speaker: nil
        )
        piece.endsSegment = endsSegment
        return piece
    }

    @Test func `a turn is told in the words of the first version`() throws {
        var view = ConversationView(.first)
        let started = view.happened(.speechStarted(1, at: 16_000))
        #expect(types(started) == ["conversation_state"])
        #expect(started[0].members?["is_speaking"] == true)
        #expect(view.happened(.partialTranscript(1, "Hel")).isEmpty)
        let ended = view.happened(.speechEnded(1, at: 32_000, silence: .milliseconds(300)))
        #expect(ended[0].members?["state"] == "processing")
        #expect(ended[0].members?["events"] == ["speech_end"])
        #expect(ended[0].members?["pause_detection"]?.members?["silence_frames"] == 10)
        let heard = view.happened(.transcript(1, "Hello."))
        #expect(heard[0].members?["timing"] == ["start": 0, "end": 1, "duration": 1])
        #expect(heard[0].members?["stream_start"] == 1)
        _ = view.happened(.segment(1, index: 0, "Hi."))
        #expect(view.spoke(piece(2400)).isEmpty, "one file for each segment")
        let sound = view.spoke(piece(2400, endsSegment: true))
        #expect(types(sound) == ["speaking", "response_audio"])
        #expect(sound[1].members?["duration_ms"] == 200)
        #expect(sound[1].members?["response_text"] == "Hi.")
        guard case .string(let data)? = sound[1].members?["audio_data"], let bytes = Data(base64Encoded: data) else {
            Issue.record("no sound")
            return
        }
        #expect(try AudioDecoder.decode(bytes: [UInt8](bytes)).samples.count == 4800)
        #expect(types(view.spoke(piece(2400, endsSegment: true, segment: 1))) == ["response_audio"])
    }

    @Test func `a turn is told in the words of the library`() {
        var view = ConversationView(.library)
        #expect(types(view.happened(.speechStarted(1, at: 0))) == ["speech_event"])
        #expect(
            types(view.happened(.speechEnded(1, at: 1600, silence: .zero))) == ["speech_event", "state_update"]
        )
        #expect(view.happened(.transcript(1, "Hello."))[0].members?["timing"] == ["duration": 0.1])
        _ = view.happened(.segment(1, index: 0, "Hi."))
        #expect(types(view.spoke(piece(240, endsSegment: true))) == ["speaking", "response_text", "audio_response"])
    }

    @Test func `an interruption says what was heard and what leaked`() {
        var view = ConversationView(.first)
        var record = Turn.Record(
            id: 4,
            outcome: .interrupted,
            transcript: "a",
            answer: "b c",
            heardAnswer: "b",
            responder: nil
        )
        record.playback = Turn.Playback(
            generated: .seconds(3),
            sent: .seconds(2),
            heard: .seconds(1),
            leaked: .milliseconds(90)
        )
        let messages = view.happened(.turnEnded(record))
        #expect(types(messages) == ["interrupted", "conversation_state"])
        #expect(messages[0].members?["heard_text"] == "b")
        #expect(messages[0].members?["heard_ms"] == 1000)
        #expect(messages[0].members?["leaked_ms"] == 90)
    }

    @Test func `a held answer is paused and goes on`() {
        var view = ConversationView(.first, holds: true)
        _ = view.spoke(piece(240, endsSegment: true))
        #expect(types(view.happened(.answerHeld(1))) == ["paused"])
        #expect(types(view.happened(.answerResumed(1))) == ["resumed"])
        #expect(view.state == .speaking)
    }

    @Test func `a very long segment is sent in several files`() {
        var view = ConversationView(.first)
        var files = 0
        for _ in 0..<25 { files += types(view.spoke(piece(24_000))).count { $0 == "response_audio" } }
        files += types(view.spoke(piece(0, endsSegment: true))).count { $0 == "response_audio" }
        #expect(files == 3)
    }

    @Test func `statistics count what was said`() {
        var view = ConversationView(.first)
        #expect(view.statistics(mode: .echo).members?["data"] == ["total_exchanges": 0])
        _ = view.happened(.transcript(1, "four"))
        _ = view.happened(.transcript(2, "to"))
        let data = view.statistics(mode: .template).members?["data"]?.members
        #expect(data?["avg_input_length"] == 3)
        #expect(data?["template_categories"] != [])
    }
}
