import Audio
import Foundation
import Serving
import Speech

/// What a client sends as sound, brought into samples: raw 16-bit little-endian PCM in frames of any length, or the same in
/// base64 within JSON.
struct SocketSound: Sendable, Equatable {
    /// The rates that clients may send.
    static let rates = 8000...48_000
    /// The most sound in a file within a message.
    static let longestFile: Duration = .seconds(30)

    /// Sound in a JSON message.
    enum Message: Sendable, Equatable {
        case samples(PCM)
        /// The bytes of a WAV file, to be decoded by `decode(file:)`.
        case file([UInt8])
    }

    /// The rate of raw frames, in Hz.
    var sampleRate: Int
    /// The first half of a sample whose second half is in the next frame.
    private var half: UInt8?

    init(sampleRate: Int = 16_000) {
        self.sampleRate = sampleRate
    }

    /// The samples of a raw frame.
    mutating func take(_ bytes: some Collection<UInt8>) -> PCM {
        PCM(samples(of: bytes), sampleRate: sampleRate)
    }

    private mutating func samples(of bytes: some Collection<UInt8>) -> [Float] {
        var samples: [Float] = []
        samples.reserveCapacity(bytes.count / 2 + 1)
        var low = half
        for byte in bytes {
            guard let first = low else {
                low = byte
                continue
            }
            samples.append(Float(Int16(bitPattern: UInt16(first) | UInt16(byte) << 8)) / 32768)
            low = nil
        }
        half = low
        return samples
    }

    /// The sound in a JSON message: `{"audio_data", "sample_rate", "channels", "format"}`, or
    /// `{"type": "audio", "data", "config": {…}}`. Nil if the message has none. Throws a sentence for the client.
    static func json(_ members: [String: JSONValue], standardRate: Int) throws(SocketMistake) -> Message? {
        let data: JSONValue
        var about = members
        if let audio = members["audio_data"] {
            data = audio
        } else if members["type"] == "audio", let audio = members["data"] {
            data = audio
            if let config = members["config"]?.members { about = config }
        } else {
            return nil
        }
        guard case .string(let text) = data, let bytes = Data(base64Encoded: text) else {
            throw SocketMistake("audio_data must be base64; send 16-bit little-endian PCM.")
        }
        switch about["format"] {
        case nil, .null?, "pcm"?, "raw"?, "pcm16"?, "s16le"?: break
        case "wav"?: return .file([UInt8](bytes))
        default: throw SocketMistake("format must be pcm or wav.")
        }
        var rate = standardRate
        if let value = about["sample_rate"], value != .null {
            guard case .number(let number) = value, let whole = Int(exactly: number), rates.contains(whole) else {
                throw SocketMistake(
                    "sample_rate must be a whole number from \(rates.lowerBound) to \(rates.upperBound)."
                )
            }
            rate = whole
        }
        var channels = 1
        if let value = about["channels"], value != .null {
            guard case .number(let number) = value, let whole = Int(exactly: number), 1...8 ~= whole else {
                throw SocketMistake("channels must be a whole number from 1 to 8.")
            }
            channels = whole
        }
        guard bytes.count % (2 * channels) == 0 else {
            throw SocketMistake(
                "audio_data has \(bytes.count) bytes, which are no whole samples of \(channels) channels."
            )
        }
        var reader = SocketSound(sampleRate: rate)
        let samples = reader.samples(of: bytes)
        guard channels > 1 else { return .samples(PCM(samples, sampleRate: rate)) }
        let mixed = stride(from: 0, to: samples.count, by: channels).map { start in
            samples[start..<start + channels].reduce(0, +) / Float(channels)
        }
        return .samples(PCM(mixed, sampleRate: rate))
    }

    /// The sound of a file in a message.
    static func decode(file bytes: [UInt8]) async throws(SocketMistake) -> PCM {
        do {
            return try await offPool {
                try AudioDecoder.decode(
                    bytes: bytes,
                    limits: .init(maximumDuration: longestFile),
                    highestRate: rates.upperBound
                )
            }
        } catch {
            throw SocketMistake("audio_data is no sound file of at most \(longestFile.components.seconds) s.")
        }
    }
}

/// Something that a client did wrong and is told; the connection stays open.
struct SocketMistake: Error, Equatable {
    /// One sentence with the remedy.
    let message: String

    init(_ message: String) { self.message = message }
}
