public import Audio
public import Hummingbird
import NIOCore
public import Speech

/// Speech on its way to a client: encoded as it is made, one piece at a time, or as a whole file of known length. A client
/// that goes away ends the reading and with it the synthesis, also before the first sound.
public struct SpeechBody: AsyncSequence, Sendable {
    /// Encoded bytes, never none.
    public typealias Element = [UInt8]

    fileprivate enum Content {
        case stream(SpeechEncoder, ClientWatch)
        /// The file, and the memory that was taken for its sound.
        case whole([UInt8], ByteBudget.Share?)
    }

    /// How much of a file is written at once, in bytes.
    private static let pieceLength = 65_536

    private let content: Content

    /// Starts `speech` and waits for its first sound, or for all of it where `delivery` says so; until then a failure can be
    /// answered with a status. `room` is where memory is taken for sound that is gathered.
    ///
    /// Throws what the speech throws, `APIFailure` for a whole file that would be too long (422) or for which there is no
    /// memory (503), and `CancellationError` when the client that `watch` looks after has gone away.
    public init(
        _ speech: SpeechAudio,
        format: AudioFormat,
        sampleRate: Int?,
        delivery: SpeechDelivery = .streamed,
        room: ByteBudget? = nil,
        watch: ClientWatch
    ) async throws {
        let encoder = try await watch.run {
            try await SpeechEncoder(speech, format: format, sampleRate: sampleRate)
        }
        guard let longest = delivery.longest(as: format) else {
            content = .stream(encoder, watch)
            return
        }
        let share = room?.share(
            refusal: "Too much speech is gathered at once; try again later, or take it as a stream."
        )
        let sound: PCM?
        do {
            sound = try await watch.run {
                try await encoder.gather(upTo: longest) { samples in
                    try share?.take(samples * MemoryLayout<Float>.stride)
                }
            }
        } catch let failure as APIFailure where delivery == .wholeIfShort && failure.status == .serviceUnavailable {
            // Nobody asked for a file, and a stream takes no memory.
            sound = nil
        }
        if let sound {
            let bytes = try await offPool {
                try AudioEncoder.encodeWhole(sound, as: format, sampleRate: sampleRate)
            }
            content = .whole(bytes, share)
        } else if delivery == .whole {
            throw SpeechDelivery.tooLong
        } else {
            content = .stream(encoder, watch)
        }
    }

    /// Whether all of the sound is there, as a file.
    public var isWhole: Bool {
        if case .whole = content { true } else { false }
    }

    /// The body of an answer that is the encoded sound. It states its length where that is known.
    public var responseBody: ResponseBody {
        switch content {
        case .whole(let bytes, let share):
            ResponseBody(contentLength: bytes.count) { writer in
                // In pieces, so that no more than one waits for a slow client besides the file, whose memory is counted until
                // it has been taken.
                var rest = ByteBuffer(bytes: bytes)
                while rest.readableBytes > 0 {
                    let length = Swift.min(Self.pieceLength, rest.readableBytes)
                    if let piece = rest.readSlice(length: length) { try await writer.write(piece) }
                }
                withExtendedLifetime(share) {}
                try await writer.finish(nil)
            }
        case .stream(let encoder, let watch):
            ResponseBody { writer in
                while let bytes = try await watch.run(encoder.next) {
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
                try await writer.finish(nil)
            }
        }
    }

    /// Starts reading. The body is read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(content)
    }

    /// Reads the bytes.
    public struct Iterator: AsyncIteratorProtocol {
        private var content: Content?

        fileprivate init(_ content: Content) {
            self.content = content
        }

        /// The next bytes, nil at the end. Throws what the speech throws, and `CancellationError` when the client has gone
        /// away.
        public mutating func next() async throws -> [UInt8]? {
            switch content {
            case .stream(let encoder, let watch): return try await watch.run(encoder.next)
            case .whole(let bytes, _):
                content = nil
                return bytes
            case nil: return nil
            }
        }
    }
}

/// Encodes speech; read by one task at a time.
private actor SpeechEncoder {
    private var speech: SpeechAudio.Iterator?
    /// Sound that was read and is not encoded yet.
    private var pending: [PCM]
    /// To the rate of the first sound, since an engine promises one rate for a segment only.
    private let converter: RateConverter
    private let encoder: AudioEncoder
    private let sampleRate: Int

    init(_ speech: SpeechAudio, format: AudioFormat, sampleRate: Int?) async throws {
        var iterator = speech.makeAsyncIterator()
        guard let first = try await iterator.next() else { throw SpeechError.nothingToSay }
        pending = [first]
        self.speech = iterator
        self.sampleRate = first.sampleRate
        converter = RateConverter(to: first.sampleRate, quality: .high)
        encoder = try AudioEncoder(format: format, inputRate: first.sampleRate, sampleRate: sampleRate)
    }

    /// All of the sound; nil when it is longer than `longest`, and then `next` returns it from its beginning. `willTake` is
    /// asked before so many samples more are kept.
    func gather(upTo longest: Duration, willTake: (_ samples: Int) throws -> Void) async throws -> PCM? {
        var duration = Duration.zero
        for piece in pending {
            try willTake(piece.samples.count)
            duration += piece.duration
        }
        while duration <= longest {
            guard let piece = try await read() else {
                let samples = try pending.flatMap { try converter.process($0) } + converter.finish()
                pending = []
                return PCM(samples, sampleRate: sampleRate)
            }
            pending.append(piece)
            try willTake(piece.samples.count)
            duration += piece.duration
        }
        return nil
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
        pending.isEmpty ? try await read() : pending.removeFirst()
    }

    private func read() async throws -> PCM? {
        guard var iterator = speech else { return nil }
        speech = nil
        guard let piece = try await iterator.next() else { return nil }
        speech = iterator
        return piece
    }
}
