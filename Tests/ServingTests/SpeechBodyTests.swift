import Audio
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
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

    private static func body(_ pieces: [PCM], _ format: AudioFormat, _ delivery: SpeechDelivery) async throws
        -> [[UInt8]]
    {
        let body = try await SpeechBody(
            speech(pieces),
            format: format,
            sampleRate: nil,
            delivery: delivery,
            room: ByteBudget(limit: 1 << 30),
            watch: ClientWatch(NIOAsyncTestingChannel())
        )
        var pieces: [[UInt8]] = []
        for try await piece in body { pieces.append(piece) }
        return pieces
    }

    @Test func `a short WAV file states its true sizes and comes in one piece`() async throws {
        let pieces = Self.sine(.milliseconds(300), sampleRate: 16_000).pieces(of: .milliseconds(100))
        let file = try await Self.body(pieces, .wav, .wholeIfShort)
        #expect(file.count == 1)
        let bytes = file.flatMap(\.self)
        #expect(bytes.count == 44 + 9600)
        #expect(bytes[4..<8].elementsEqual([0xA4, 0x25, 0, 0]))
        #expect(bytes[40..<44].elementsEqual([0x80, 0x25, 0, 0]))
        #expect(
            try await Self.body(pieces, .wav, .streamed).first?[40..<44].elementsEqual([255, 255, 255, 255]) == true
        )
    }

    @Test func `speech that turns out long is streamed, and nothing of it is lost`() async throws {
        let pieces = Self.sine(.seconds(62), sampleRate: 8000).pieces(of: .seconds(10))
        let streamed = try await Self.body(pieces, .wav, .wholeIfShort)
        #expect(streamed.count > 1)
        let straight = try await Self.body(pieces, .wav, .streamed)
        #expect(streamed.flatMap(\.self) == straight.flatMap(\.self))
        let mp3 = try await Self.body([pieces[0]], .mp3, .wholeIfShort)
        #expect(mp3.count > 1, "of other formats the header matters less than the time")
    }

    @Test func `a whole file is made of speech of any length up to a limit`() async throws {
        let pieces = Self.sine(.seconds(62), sampleRate: 8000).pieces(of: .seconds(10))
        for format in [AudioFormat.wav, .flac] {
            let file = try await Self.body(pieces, format, .whole)
            #expect(file.count == 1)
            #expect(try AudioDecoder.decode(bytes: file[0]).duration == .seconds(62))
        }
        let minute = PCM.silence(.seconds(60), sampleRate: 8000)
        let failure = try await #require(throws: APIFailure.self) {
            try await Self.body(Array(repeating: minute, count: 11), .wav, .whole)
        }
        #expect(failure.issues.map(\.location) == [["body", "stream"]])
    }

    @Test func `memory for a whole file is taken from a bounded room and given back`() async throws {
        let room = ByteBudget(limit: 40_000)
        func body(_ duration: Duration) async throws -> SpeechBody {
            try await SpeechBody(
                Self.speech([Self.sine(duration, sampleRate: 8000)]),
                format: .wav,
                sampleRate: nil,
                delivery: .whole,
                room: room,
                watch: ClientWatch(NIOAsyncTestingChannel())
            )
        }
        do {
            let first = try await body(.seconds(1))
            #expect(room.taken == 32_000)
            let failure = try await #require(throws: APIFailure.self) { try await body(.seconds(1)) }
            #expect(failure.status == .serviceUnavailable)
            withExtendedLifetime(first) {}
        }
        #expect(room.taken == 0)
    }

    @Test func `memory for a whole file is given back when the file is written`() async throws {
        struct Writer: ResponseBodyWriter {
            let room: ByteBudget
            mutating func write(_ buffer: ByteBuffer) async throws {
                #expect(room.taken == 320_000)
                #expect(buffer.readableBytes <= 65_536)
            }
            consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
        }
        let room = ByteBudget(limit: 400_000)
        var answer: ResponseBody? = try await SpeechBody(
            Self.speech([Self.sine(.seconds(10), sampleRate: 8000)]),
            format: .wav,
            sampleRate: nil,
            delivery: .whole,
            room: room,
            watch: ClientWatch(NIOAsyncTestingChannel())
        ).responseBody
        #expect(answer?.contentLength == 160_044)
        try await answer?.write(Writer(room: room))
        answer = nil
        #expect(room.taken == 0)
    }

    @Test func `a short file for which there is no memory is streamed`() async throws {
        let body = try await SpeechBody(
            Self.speech([Self.sine(.seconds(1), sampleRate: 8000)]),
            format: .wav,
            sampleRate: nil,
            delivery: .wholeIfShort,
            room: ByteBudget(limit: 100),
            watch: ClientWatch(NIOAsyncTestingChannel())
        )
        #expect(!body.isWhole)
        var bytes: [UInt8] = []
        for try await piece in body { bytes += piece }
        #expect(bytes.count == 44 + 16_000)
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
