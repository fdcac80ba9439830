import Audio
import Foundation
import Speech
import Synchronization
import Testing

@testable import Conversation

/// Transcribes by how long the sound is.
private struct LengthRecognizer: SpeechRecognizer {
    let name = "length"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    let text: @Sendable (Duration) -> String
    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        Transcript(text: text(audio.duration))
    }
}

@Suite struct TurnReplayTests {
    private func tone(_ milliseconds: Int) -> [Float] { (0..<(16 * milliseconds)).map { $0 % 40 < 20 ? 0.3 : -0.3 } }
    private func silence(_ milliseconds: Int) -> [Float] { [Float](repeating: 0, count: 16 * milliseconds) }

    private func replay(
        _ samples: [Float],
        answers: [Range<Duration>] = [],
        policy: TurnTaking,
        _ text: @escaping @Sendable (Duration) -> String
    ) async throws -> ReplayedTurns {
        try await TurnReplay(voiceActivity: EnergyEngine(), recognizer: LengthRecognizer(text: text))
            .run(PCM(samples, sampleRate: 16000), answers: answers, policy: policy)
    }

    @Test func `a pause in the middle of a sentence cuts off with a fixed silence and not with an adaptive one`()
        async throws
    {
        let sound = silence(300) + tone(800) + silence(700) + tone(800) + silence(2000)
        let words: @Sendable (Duration) -> String = {
            $0 < .seconds(2) ? "I would like tea and" : "I would like tea and cake."
        }
        let fixed = try await replay(sound, policy: .serverVAD, words)
        #expect(fixed.turns.count == 2 && fixed.cutOffs == 1)
        let adaptive = try await replay(sound, policy: TurnTaking(), words)
        #expect(adaptive.turns.count == 1 && adaptive.cutOffs == 0)
        #expect(adaptive.turns[0].transcript == "I would like tea and cake.")
        #expect(adaptive.turns[0].silenceMs < 400)
        #expect((fixed.silence(0.5) ?? 0) >= 500)
    }

    @Test func `a listener's word is a false interruption only for who interrupts at once`() async throws {
        let sound = silence(1000) + tone(500) + silence(2000)
        var policy = TurnTaking()
        let at: [Range<Duration>] = [.zero ..< .seconds(3)]
        let immediate = try await replay(sound, answers: at, policy: policy) { _ in "Mhm." }
        #expect(immediate.falseInterruptions == 1)
        policy.interruption = .twoStep
        let held = try await replay(sound, answers: at, policy: policy) { _ in "Mhm." }
        #expect(held.falseInterruptions == 0 && held.turns[0].overlap == .resumed)
        let spoken = try await replay(sound, answers: at, policy: policy) { _ in "No, stop." }
        #expect(spoken.falseInterruptions == 0 && spoken.turns[0].overlap == .interrupted)
        let alone = try await replay(sound, policy: policy) { _ in "Mhm." }
        #expect(alone.turns[0].overlap == nil)
    }

    @Test func `a recording that was killed is read as far as it goes`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("replay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let header = RecordingHeader(session: "abc", api: "speech", consent: false, language: "en")
        let writer = try RecordingWriter(header, in: folder.path, limit: .seconds(60))
        try writer.heard(PCM(tone(2000), sampleRate: 16000))
        try writer.happened("\"type\":\"speaking_started\",\"turn\":1", at: .seconds(1))
        try writer.heard(PCM(tone(2000), sampleRate: 16000))
        try writer.happened("\"type\":\"turn_ended\",\"turn\":1", at: .seconds(2))
        let path = folder.appendingPathComponent("abc").path
        let events = FileHandle(forWritingAtPath: path + "/events.jsonl")
        try events?.seekToEnd()
        try events?.write(contentsOf: Data("{\"type\":\"spea".utf8))
        let recording = try Recording(folder: path)
        #expect(recording.header.session == "abc" && recording.header.language == "en")
        #expect(recording.user.duration > .milliseconds(3700))
        #expect(recording.answers == [.seconds(2) ..< .seconds(4)])
    }

    @Test func `a folder without a recording is named`() {
        #expect(throws: RecordingError.missing(path: "/nonexistent")) { try Recording(folder: "/nonexistent") }
    }

    @Test func `only recordings that are old enough are deleted`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("prune-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["old", "new"] {
            let header = RecordingHeader(session: name, api: "speech", consent: true)
            try RecordingWriter(header, in: folder.path, limit: .seconds(1)).finish()
        }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("mine"),
            withIntermediateDirectories: true
        )
        try FileManager.default.setAttributes(
            [.modificationDate: Date() - 1000],
            ofItemAtPath: folder.appendingPathComponent("old/events.jsonl").path
        )
        #expect(Recording.prune(folder: folder.path, olderThan: Date() - 500) == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["mine", "new"])
    }
}
