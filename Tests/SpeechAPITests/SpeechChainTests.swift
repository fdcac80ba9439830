import Audio
import Speech
import Synchronization
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(1))) struct SpeechChainTests {
    private static func speech(_ pieces: [PCM]) -> SpeechAudio {
        let rest = Rest(pieces)
        return SpeechAudio { rest.next() }
    }

    private final class Rest: Sendable {
        private let pieces: Mutex<ArraySlice<PCM>>

        init(_ pieces: [PCM]) { self.pieces = Mutex(pieces[...]) }

        func next() -> PCM? { pieces.withLock { $0.popFirst() } }
    }

    private static func heard(_ speech: SpeechAudio) async throws -> [PCM] {
        var heard: [PCM] = []
        for try await piece in speech { heard.append(piece) }
        return heard
    }

    @Test func `sound of another rate is converted as one, however small its pieces`() async throws {
        let first = PCM.tone(.milliseconds(200), sampleRate: 16_000)
        let second = PCM.tone(.milliseconds(500), sampleRate: 24_000)
        let chain = SpeechAudio(
            joining: [{ Self.speech([first]) }, { Self.speech(second.pieces(of: .milliseconds(10))) }],
            trimmed: true
        )
        let pieces = try await Self.heard(chain)
        #expect(pieces.allSatisfy { $0.sampleRate == 16_000 })
        let heard = pieces.flatMap(\.samples)
        let expected = first.samples + second.resampled(to: 16_000).samples
        #expect(abs(heard.count - expected.count) <= 1)
        #expect(zip(heard, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test func `speech that has begun waits for a busy engine, and only its beginning is refused`() async throws {
        let tone = PCM.tone(.milliseconds(100), sampleRate: 16_000)
        let engine = CrowdedEngine(refusals: 2)
        let begun = SpeechAudio(joining: [{ Self.speech([tone]) }, { engine.speak(tone) }], trimmed: false)
        #expect(try await Self.heard(begun) == [tone, tone])
        let crowded = CrowdedEngine(refusals: 1)
        let refused = SpeechAudio(joining: [{ crowded.speak(tone) }], trimmed: false)
        await #expect(throws: CrowdedEngine.busy) { try await Self.heard(refused) }
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
