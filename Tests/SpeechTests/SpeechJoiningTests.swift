import Audio
import Speech
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct SpeechJoiningTests {
    @Test func `speech that has begun waits for a busy engine, and only its beginning is refused`() async throws {
        let tone = PCM([Float](repeating: 0.1, count: 1600), sampleRate: 16_000)
        let engine = CrowdedEngine(refusals: 2)
        let begun = SpeechAudio(joining: [{ SpeechAudio(whole: { tone }) }, { engine.speak(tone) }])
        #expect(try await heard(begun) == [tone, tone])
        let crowded = CrowdedEngine(refusals: 1)
        let refused = SpeechAudio(joining: [{ crowded.speak(tone) }])
        await #expect(throws: CrowdedEngine.busy) { try await heard(refused) }
    }

    private func heard(_ speech: SpeechAudio) async throws -> [PCM] {
        var heard: [PCM] = []
        for try await piece in speech { heard.append(piece) }
        return heard
    }

    /// Has room only after some refusals.
    private final class CrowdedEngine: Sendable {
        static let busy = SpeechError.busy(engine: "tone", retryAfter: .milliseconds(20))
        private let refusals: Mutex<Int>

        init(refusals: Int) { self.refusals = Mutex(refusals) }

        func speak(_ sound: PCM) -> SpeechAudio {
            let isFull = refusals.withLock { refusals in
                refusals -= 1
                return refusals >= 0
            }
            return SpeechAudio(whole: {
                if isFull { throw Self.busy }
                return sound
            })
        }
    }
}
