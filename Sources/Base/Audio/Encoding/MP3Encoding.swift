import CLame

/// MPEG layer III frames of constant bit rate, made by LAME.
final class MP3Encoding: Encoding {
    /// Samples given to LAME at once, which bounds the buffer its answer needs.
    private static let chunk = 16_384

    private let lame: lame_t
    /// A whole file begins with a frame that tells players its length and how much of both ends is padding.
    private let hasInfoFrame: Bool
    /// The bytes of a whole file, kept until that frame can be filled in.
    private var file: [UInt8] = []

    init(sampleRate: Int, extent: EncodingExtent) throws {
        guard let lame = lame_init() else {
            throw AudioError.encoderFailed(.mp3, reason: "LAME has no memory")
        }
        self.lame = lame
        hasInfoFrame = if case .whole = extent { true } else { false }
        lame_set_in_samplerate(lame, Int32(sampleRate))
        lame_set_out_samplerate(lame, Int32(sampleRate))
        lame_set_num_channels(lame, 1)
        lame_set_mode(lame, MONO)
        lame_set_brate(lame, sampleRate <= 12_000 ? 32 : sampleRate <= 24_000 ? 64 : 96)
        lame_set_quality(lame, 5)
        // At constant bit rates LAME multiplies this by 0.95.
        lame_set_scale(lame, 1 / 0.95)
        lame_set_bWriteVbrTag(lame, hasInfoFrame ? 1 : 0)
        let code = lame_init_params(lame)
        guard code >= 0 else { throw Self.failure(code) }
    }

    deinit { lame_close(lame) }

    func encode(_ samples: [Float]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try samples.withUnsafeBufferPointer { samples in
            for start in stride(from: 0, to: samples.count, by: Self.chunk) {
                let piece = UnsafeBufferPointer(rebasing: samples[start..<min(start + Self.chunk, samples.count)])
                bytes += try Self.collect(room: piece.count * 5 / 4 + 7200) { buffer, room in
                    lame_encode_buffer_ieee_float(
                        lame,
                        piece.baseAddress,
                        piece.baseAddress,
                        Int32(piece.count),
                        buffer,
                        room
                    )
                }
            }
        }
        guard hasInfoFrame else { return bytes }
        file += bytes
        return []
    }

    func finish() throws -> [UInt8] {
        let rest = try Self.collect(room: 7200) { lame_encode_flush(lame, $0, $1) }
        guard hasInfoFrame else { return rest }
        file += rest
        let info = [UInt8](unsafeUninitializedCapacity: 2880) { buffer, count in
            let size = lame_get_lametag_frame(lame, buffer.baseAddress, buffer.count)
            count = size <= buffer.count ? size : 0
        }
        if info.count <= file.count { file.replaceSubrange(0..<info.count, with: info) }
        return file
    }

    private static func collect(
        room: Int,
        _ body: (UnsafeMutablePointer<UInt8>?, Int32) -> Int32
    ) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let size = body(buffer.baseAddress, Int32(room))
            guard size >= 0 else { throw failure(size) }
            count = Int(size)
        }
    }

    private static func failure(_ code: Int32) -> AudioError {
        .encoderFailed(.mp3, reason: "LAME answered \(code)")
    }
}
