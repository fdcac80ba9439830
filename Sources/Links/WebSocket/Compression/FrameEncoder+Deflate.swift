public import NIOCore

extension FrameEncoder {
    /// One frame with a whole message compressed by `deflater`. Without context and mask it serves every receiver that
    /// agreed on compression with a window no smaller than the deflater's.
    public static func frame(
        _ opcode: Opcode,
        deflating message: ByteBuffer,
        with deflater: Deflater,
        mask: UInt32? = nil
    ) -> ByteBuffer {
        // The header's size depends on what compression makes of the message, so it is put before it afterwards.
        let headroom = 14
        var frame = ByteBuffer()
        frame.reserveCapacity(headroom + message.readableBytes / 2 + 64)
        frame.moveWriterIndex(to: headroom)
        frame.moveReaderIndex(to: headroom)
        deflater.compress(message, into: &frame)
        if let mask {
            frame.withUnsafeMutableReadableBytes {
                Masking.apply(mask, from: UnsafeRawBufferPointer($0), to: $0)
            }
        }
        let header = HeaderBytes(opcode, length: frame.readableBytes, compressed: true, mask: mask, fin: true)
        frame.moveReaderIndex(to: headroom - header.count)
        frame.withUnsafeMutableReadableBytes { header.copy(to: $0) }
        return frame
    }
}
