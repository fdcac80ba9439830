import CSndfile

/// FLAC frames of 16-bit samples, made by libsndfile.
final class FLACEncoding: Encoding {
    private let output: OutputBuffer
    private var file: OpaquePointer?
    /// Whether bytes stay until the end, where libsndfile writes the true length into the header.
    private let isWhole: Bool

    init(sampleRate: Int, extent: EncodingExtent) throws {
        output = OutputBuffer()
        isWhole = if case .whole = extent { true } else { false }
        var info = SF_INFO()
        info.samplerate = Int32(sampleRate)
        info.channels = 1
        info.format = Int32(SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        var callbacks = OutputBuffer.callbacks
        file = sf_open_virtual(&callbacks, Int32(SFM_WRITE), &info, Unmanaged.passUnretained(output).toOpaque())
        guard file != nil else { throw Self.failure(of: nil) }
    }

    deinit { sf_close(file) }

    func encode(_ samples: [Float]) throws -> [UInt8] {
        if !samples.isEmpty {
            let written = sf_writef_float(file, samples, sf_count_t(samples.count))
            guard written == samples.count else { throw Self.failure(of: file) }
        }
        return isWhole ? [] : output.drain()
    }

    func finish() throws -> [UInt8] {
        let code = sf_close(file)
        file = nil
        guard code == 0 else {
            throw AudioError.encoderFailed(.flac, reason: String(cString: sf_error_number(code)))
        }
        return output.drain()
    }

    /// The mark and the first block of metadata, which has the true length when the stream is finished (RFC 9639, 8).
    var header: [UInt8] { Array(output.head.prefix(42)) }

    private static func failure(of file: OpaquePointer?) -> AudioError {
        .encoderFailed(.flac, reason: String(cString: sf_error_number(sf_error(file))))
    }
}
