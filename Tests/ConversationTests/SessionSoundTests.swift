import Audio
import Foundation
import Testing

@testable import Conversation

@Suite struct SessionSoundTests {
    private static func sine(_ duration: Duration, sampleRate: Int) -> PCM {
        let step = 2 * Double.pi * 440 / Double(sampleRate)
        return PCM(
            (0..<duration.samples(at: sampleRate)).map { Float(0.5 * sin(Double($0) * step)) },
            sampleRate: sampleRate
        )
    }

    @Test func `a segment of another rate is converted as one, however small its pieces`() throws {
        let session = SessionOutput(sampleRate: 24_000)
        let sound = Self.sine(.milliseconds(500), sampleRate: 16_000)
        let segment = SegmentOutput(session)
        var heard: [PCM] = []
        for piece in sound.pieces(of: .milliseconds(10)) { heard += try segment.pieces(of: piece) }
        heard += segment.finish()
        let whole = RateConverter(to: 24_000)
        let expected = try whole.process(sound) + whole.finish()
        let samples = heard.flatMap(\.samples)
        #expect(abs(samples.count - expected.count) <= 1)
        #expect(zip(samples, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(heard.allSatisfy { $0.sampleRate == 24_000 && $0.duration <= SegmentOutput.pieceLength })
    }

    @Test func `nothing of a segment that was broken off is heard in the next`() throws {
        let session = SessionOutput(sampleRate: 24_000)
        _ = try SegmentOutput(session).pieces(of: Self.sine(.milliseconds(200), sampleRate: 16_000))
        let next = SegmentOutput(session)
        let heard = try next.pieces(of: .silence(.milliseconds(200), sampleRate: 16_000)) + next.finish()
        #expect(heard.allSatisfy { $0.peak == 0 })
    }

    @Test func `the first sound decides the rate when none is asked for`() throws {
        let session = SessionOutput(sampleRate: nil)
        #expect(try SegmentOutput(session).pieces(of: Self.sine(.seconds(1), sampleRate: 22_050)).count == 10)
        let next = SegmentOutput(session)
        let heard = try next.pieces(of: Self.sine(.seconds(1), sampleRate: 16_000)) + next.finish()
        #expect(heard.allSatisfy { $0.sampleRate == 22_050 })
    }
}
