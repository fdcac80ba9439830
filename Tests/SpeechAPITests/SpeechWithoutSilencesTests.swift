import Audio
import Speech
import Synchronization
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct SpeechWithoutSilencesTests {
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
        let pieces = try await Self.heard(
            Self.speech([first] + second.pieces(of: .milliseconds(10))).withoutSilences()
        )
        #expect(pieces.allSatisfy { $0.sampleRate == 16_000 })
        let heard = pieces.flatMap(\.samples)
        let expected = first.samples + second.resampled(to: 16_000).samples
        #expect(abs(heard.count - expected.count) <= 1)
        #expect(zip(heard, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
}
