import Audio
import Testing

@testable import Conversation

@Suite struct SoundOutboxTests {
    /// A second of sound whose samples count on.
    private func second(_ index: Int) -> PCM {
        PCM((0..<1000).map { Float(index * 1000 + $0) }, sampleRate: 1000)
    }

    private func outbox(seconds: Int) -> (SoundOutbox, reader: Int) {
        var outbox = SoundOutbox()
        for index in 0..<seconds { outbox.append(second(index), of: 0, in: 1, by: nil, after: 1) }
        let reader = outbox.handOver().reader
        return (outbox, reader)
    }

    private func drain(_ outbox: inout SoundOutbox, _ reader: Int) -> [AnswerSound] {
        var pieces: [AnswerSound] = []
        while let piece = outbox.take(for: reader, reading: 10) { pieces.append(piece) }
        return pieces
    }

    @Test func `pieces say where in the answer they are`() {
        var (outbox, reader) = outbox(seconds: 2)
        outbox.append(second(0), of: 0, in: 2, by: nil, after: 1)
        let pieces = drain(&outbox, reader)
        #expect(pieces.map(\.position) == [.zero, .seconds(1), .zero])
        #expect(pieces.map(\.turn) == [1, 1, 2])
    }

    @Test func `sound waits for the events before it`() {
        var (outbox, reader) = outbox(seconds: 1)
        #expect(outbox.take(for: reader, reading: 1) == nil)
        #expect(outbox.take(for: reader, reading: 2) != nil)
    }

    @Test func `five seconds of sound fill it and reading makes room`() {
        var (outbox, reader) = outbox(seconds: 5)
        let hadRoom = outbox.hasRoom
        #expect(!hadRoom)
        _ = outbox.take(for: reader, reading: 2)
        let hasRoom = outbox.hasRoom
        #expect(hasRoom)
    }

    @Test func `the sound of a turn is taken back`() {
        var (outbox, reader) = outbox(seconds: 2)
        outbox.append(second(0), of: 0, in: 2, by: nil, after: 1)
        outbox.discard(1)
        #expect(drain(&outbox, reader).map(\.turn) == [2])
    }

    @Test func `sound is handed over in the middle of an answer without a gap`() {
        var (outbox, first) = outbox(seconds: 4)
        let before = [outbox.take(for: first, reading: 2), outbox.take(for: first, reading: 2)].compactMap(\.self)
        let (second, from) = outbox.handOver()
        #expect(from == nil)
        let more = outbox.take(for: first, reading: 2)
        #expect(more == nil)
        let samples = (before + drain(&outbox, second)).flatMap(\.sound.samples)
        #expect(samples == (0..<4000).map(Float.init))
    }

    @Test(arguments: [0, 1, 999, 1000, 1500, 1999])
    func `who takes over may go back to the sample where the sound was lost`(milliseconds: Int) throws {
        var (outbox, first) = outbox(seconds: 4)
        for _ in 0..<2 { _ = outbox.take(for: first, reading: 2) }
        let (second, from) = outbox.handOver(from: .milliseconds(milliseconds))
        let place = try #require(from)
        #expect(place.0 == 1)
        #expect(place.1 == .milliseconds(milliseconds))
        let samples = drain(&outbox, second).flatMap(\.sound.samples)
        #expect(samples == (milliseconds..<4000).map(Float.init))
    }

    @Test func `only the last five seconds can be had again`() throws {
        var (outbox, first) = outbox(seconds: 9)
        _ = drain(&outbox, first)
        let (second, from) = outbox.handOver(from: .zero)
        #expect(try #require(from).1 == .seconds(4))
        #expect(drain(&outbox, second).count == 5)
    }

    @Test func `who takes over at a place that was not read yet goes on behind what was`() {
        var (outbox, first) = outbox(seconds: 2)
        _ = outbox.take(for: first, reading: 2)
        let (second, from) = outbox.handOver(from: .seconds(7))
        #expect(from == nil)
        #expect(drain(&outbox, second).map(\.position) == [.seconds(1)])
    }
}
