public import Audio
public import Hummingbird
import NIOCore
public import Speech

/// Speech on its way to a client: encoded as it is made, one piece at a time. A client that goes away ends the reading
/// and with it the synthesis, also before the first sound.
public struct SpeechBody: AsyncSequence, Sendable {
    /// Encoded bytes, never none.
    public typealias Element = [UInt8]

    private let encoder: SpeechEncoder
    private let watch: ClientWatch

    /// Starts `speech` and waits for its first sound, so that a failure before it can still be answered with a status.
    /// Throws what the speech throws, and `CancellationError` when the client that `watch` looks after has gone away.
    public init(_ speech: SpeechAudio, format: AudioFormat, sampleRate: Int?, watch: ClientWatch) async throws {
        encoder = try await watch.run { try await SpeechEncoder(speech, format: format, sampleRate: sampleRate) }
        self.watch = watch
    }

    /// The body of an answer that is the encoded sound.
    public var responseBody: ResponseBody {
        ResponseBody { writer in
            while let bytes = try await watch.run(encoder.next) {
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
    }

    /// Starts reading. The body is read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(encoder: encoder, watch: watch)
    }

    /// Reads the bytes.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let encoder: SpeechEncoder
        fileprivate let watch: ClientWatch

        /// The next bytes, nil at the end. Throws what the speech throws, and `CancellationError` when the client has gone
        /// away.
        public mutating func next() async throws -> [UInt8]? {
            try await watch.run(encoder.next)
        }
    }
}

/// Encodes speech; read by one task at a time.
private actor SpeechEncoder {
    private var speech: SpeechAudio.Iterator?
    private var first: PCM?
    /// To the rate of the first sound, since an engine promises one rate for a segment only.
    private let converter: RateConverter
    private let encoder: AudioEncoder

    init(_ speech: SpeechAudio, format: AudioFormat, sampleRate: Int?) async throws {
        var iterator = speech.makeAsyncIterator()
        guard let first = try await iterator.next() else { throw SpeechError.nothingToSay }
        self.first = first
        self.speech = iterator
        converter = RateConverter(to: first.sampleRate, quality: .high)
        encoder = try AudioEncoder(format: format, inputRate: first.sampleRate, sampleRate: sampleRate)
    }

    func next() async throws -> [UInt8]? {
        while let sound = try await piece() {
            let bytes = try encoder.encode(try converter.process(sound))
            if !bytes.isEmpty { return bytes }
        }
        let rest = converter.finish()
        let end = try (rest.isEmpty ? [] : encoder.encode(rest)) + encoder.finish()
        return end.isEmpty ? nil : end
    }

    private func piece() async throws -> PCM? {
        if let first {
            self.first = nil
            return first
        }
        guard var iterator = speech else { return nil }
        speech = nil
        guard let piece = try await iterator.next() else { return nil }
        speech = iterator
        return piece
    }
}
