import COpusEnc

/// Ogg pages of Opus packets, made by libopusenc.
final class OpusEncoding: Encoding {
    /// Samples given to the encoder at once, which bounds what it holds.
    private static let chunk = 48_000
    private static let bitRate: Int32 = 48_000
    /// The most sound a page holds, in samples at 48 kHz: 100 ms.
    private static let pageLength: Int32 = 4800

    private let encoder: OpaquePointer
    private var hasHeader = false

    init(sampleRate: Int) throws {
        guard let comments = ope_comments_create() else {
            throw AudioError.encoderFailed(.opus, reason: "libopusenc has no memory")
        }
        defer { ope_comments_destroy(comments) }
        var code: Int32 = 0
        guard let encoder = ope_encoder_create_pull(comments, Int32(sampleRate), 1, 0, &code) else {
            throw Self.failure(code)
        }
        self.encoder = encoder
        try Self.check(ope_set_bitrate(encoder, Self.bitRate))
        try Self.check(ope_set_decision_delay(encoder, 0))
        try Self.check(ope_set_muxing_delay(encoder, Self.pageLength))
    }

    deinit { ope_encoder_destroy(encoder) }

    func encode(_ samples: [Float]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        if !hasHeader {
            hasHeader = true
            try Self.check(ope_encoder_flush_header(encoder))
            // libopusenc sets the end of the stream on writing only and aborts when drained without one.
            try Self.check(ope_encoder_write_float(encoder, [0], 0))
            bytes = pages(flush: true)
        }
        try samples.withUnsafeBufferPointer { samples in
            for start in stride(from: 0, to: samples.count, by: Self.chunk) {
                let piece = UnsafeBufferPointer(rebasing: samples[start..<min(start + Self.chunk, samples.count)])
                try Self.check(ope_encoder_write_float(encoder, piece.baseAddress, Int32(piece.count)))
                bytes += pages(flush: false)
            }
        }
        return bytes
    }

    func finish() throws -> [UInt8] {
        try Self.check(ope_encoder_drain(encoder))
        return pages(flush: true)
    }

    private func pages(flush: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var page: UnsafeMutablePointer<UInt8>?
        var size: Int32 = 0
        while ope_encoder_get_page(encoder, &page, &size, flush ? 1 : 0) == 1 {
            bytes += UnsafeBufferPointer(start: page, count: Int(size))
        }
        return bytes
    }

    private static func check(_ code: Int32) throws {
        guard code == OPE_OK else { throw failure(code) }
    }

    private static func failure(_ code: Int32) -> AudioError {
        .encoderFailed(.opus, reason: ope_strerror(code).map { String(cString: $0) } ?? "code \(code)")
    }
}
