import Audio
import Foundation
import NIOEmbedded
import Speech
import Synchronization
import Testing

@testable import Serving

@Suite struct SpeechBodyTests {
    @Test func `sound of another rate is converted as one, however small its pieces`() async throws {
        let first = Self.sine(.milliseconds(200), sampleRate: 16_000)
        let second = Self.sine(.milliseconds(500), sampleRate: 24_000)
        let body = try await SpeechBody(
            Self.speech([first] + second.pieces(of: .milliseconds(10))),
            format: .pcm,
            sampleRate: nil,
            watch: ClientWatch(NIOAsyncTestingChannel())
        )
        var bytes: [UInt8] = []
        for try await piece in body { bytes += piece }
        let heard = try AudioDecoder.decode(raw: bytes, as: .pcm, sampleRate: 16_000).samples
        let expected = first.samples + second.resampled(to: 16_000).samples
        #expect(abs(heard.count - expected.count) <= 1)
        #expect(zip(heard, expected).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    private static func speech(_ pieces: [PCM]) -> SpeechAudio {
        let rest = Rest(pieces)
        return SpeechAudio { rest.next() }
    }

    private final class Rest: Sendable {
        private let pieces: Mutex<ArraySlice<PCM>>

        init(_ pieces: [PCM]) { self.pieces = Mutex(pieces[...]) }

        func next() -> PCM? { pieces.withLock { $0.popFirst() } }
    }

    private static func sine(_ duration: Duration, sampleRate: Int) -> PCM {
        let step = 2 * Double.pi * 440 / Double(sampleRate)
        return PCM(
            (0..<duration.samples(at: sampleRate)).map { Float(0.5 * sin(Double($0) * step)) },
            sampleRate: sampleRate
        )
    }
}
