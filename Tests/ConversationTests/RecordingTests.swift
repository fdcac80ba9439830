import Audio
import Dialogue
import Foundation
import Logging
import Speech
import Storage
import Testing

@testable import Conversation

/// What is kept of a conversation.
@Suite struct RecordingTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("recording-\(UUID().uuidString)")
    private let logger = Logger(label: "test")

    private func header(_ session: String = "abc") -> RecordingHeader {
        RecordingHeader(session: session, api: "speech", consent: true, answerRate: 8000)
    }

    private func sound(_ name: String) throws -> PCM {
        try AudioDecoder.decode(file: folder.appendingPathComponent("abc/\(name)").path)
    }

    @Test func `answers stand where the user's sound was when they were sent`() {
        var timeline = RecordingTimeline(userRate: 16000, answerRate: 1000, limit: .seconds(10))
        #expect(timeline.heard(16000) == 16000)
        let first = timeline.spoke(500)
        #expect(first.silence == 1000 && first.samples == 500)
        let second = timeline.spoke(300)
        #expect(second.silence == 0 && second.samples == 300)
        #expect(timeline.heard(16000) == 16000)
        #expect(timeline.spoke(100).silence == 200)
    }

    @Test func `no more is kept than allowed and the user's samples keep their numbers`() {
        var timeline = RecordingTimeline(userRate: 1000, answerRate: 1000, limit: .seconds(1))
        #expect(timeline.heard(800) == 800)
        #expect(timeline.heard(800) == 200)
        #expect(timeline.heard(800) == 0)
        #expect(timeline.userPosition == .milliseconds(2400))
        let place = timeline.spoke(500)
        #expect(place.silence == 1000 && place.samples == 0)
    }

    @Test func `a session is recorded side by side with what happened`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let recorder = try await SessionRecorder.start(header(), in: folder.path, limit: .seconds(60), logger: logger)
        var parts = SessionParts.fakes(responder: Fixed("One two three."), segmentSeconds: 1)
        parts.recorder = recorder
        let session = Session(id: "abc", parts: parts, configuration: .of(.immediate))
        var reader = await session.listener()
        let tone = (0..<16000).map { $0 % 40 < 20 ? Float(0.3) : -0.3 }
        try await session.hear(PCM(tone + [Float](repeating: 0, count: 3200), sampleRate: 16000))
        await session.settle()
        try await session.hear(PCM([Float](repeating: 0, count: 16000), sampleRate: 16000))
        while let reading = await reader.next() {
            if case .event(let event) = reading, case .turnEnded = event.kind { break }
        }
        await session.close()
        await session.finishTurns()
        await session.finishRecording()

        let user = try sound("user.flac")
        #expect(user.sampleRate == 16000 && user.samples.count == 35200)
        let answer = try sound("answer.flac")
        let loud = try #require(answer.samples.firstIndex { $0 > 0.001 })
        #expect(answer.samples.count - loud > 7200 && loud >= 8 * 1900, "behind the second in which the user spoke")
        let lines = try String(contentsOf: folder.appendingPathComponent("abc/events.jsonl"), encoding: .utf8)
            .split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(
            lines.map(\.type).starts(with: ["speech_started", "partial_transcript", "speech_ended", "turn_started"])
        )
        #expect(lines.last?.type == "turn_ended")
        #expect(lines.last.map { $0.user_ms > 1900 } == true)
        let kept = try Data(contentsOf: folder.appendingPathComponent("abc/recording.json"))
        #expect(String(decoding: kept, as: UTF8.self).contains("\"consent\" : true"))
    }

    private struct Line: Decodable {
        var type: String
        var user_ms: Double
    }

    @Test func `what was recorded before a crash can be read`() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let recorder = try await SessionRecorder.start(header(), in: folder.path, limit: .seconds(60), logger: logger)
        for _ in 0..<100 { recorder.heard(PCM([Float](repeating: 0.2, count: 1600), sampleRate: 16000)) }
        // Everything given so far has been written when an event behind it has been.
        recorder.happened(ConversationEvent(number: 1, kind: .turnStarted(1)))
        let events = folder.appendingPathComponent("abc/events.jsonl").path
        while ((try? FileManager.default.attributesOfItem(atPath: events)[.size] as? Int) ?? 0) == 0 {
            await Task.yield()
        }
        // Not finished: as if the process had been killed now.
        #expect(try sound("user.flac").duration > .milliseconds(9700))
        await recorder.finish()
        #expect(try sound("user.flac").duration == .seconds(10))
    }

    @Test func `a name that could leave the folder is refused`() async {
        await #expect(throws: RecordingError.badName("../x")) {
            try await SessionRecorder.start(header("../x"), in: folder.path, limit: .seconds(1), logger: logger)
        }
    }

    @Test func `a folder that cannot be written is said with the setting`() async throws {
        let error = await #expect(throws: RecordingError.self) {
            try await SessionRecorder.start(header(), in: "/proc/nowhere", limit: .seconds(1), logger: logger)
        }
        #expect(error?.description.contains("recording.folder") == true)
    }
}
