public import NIOCore

/// Writes frames. An unmasked frame depends on nothing but its payload, so one encoding serves every receiver.
public enum FrameEncoder {
    /// Bytes of the header before a payload of `payload` bytes: 2, 4 or 10, and 4 more when masked.
    public static func headerLength(payload: Int, masked: Bool) -> Int {
        let key = masked ? 4 : 0
        return switch payload {
        case ...125: 2 + key
        case ...Int(UInt16.max): 4 + key
        default: 10 + key
        }
    }

    /// One frame.
    /// - Parameters:
    ///   - compressed: whether the payload begins a message compressed by `Deflater` (sets RSV1).
    ///   - mask: the masking key of a client's frame, nil for a server's.
    ///   - fin: whether the frame is the message's last.
    public static func frame(
        _ opcode: Opcode,
        _ payload: ByteBuffer,
        compressed: Bool = false,
        mask: UInt32? = nil,
        fin: Bool = true
    ) -> ByteBuffer {
        let header = headerLength(payload: payload.readableBytes, masked: mask != nil)
        var frame = ByteBufferAllocator().buffer(capacity: header + payload.readableBytes)
        write(opcode, payload, compressed: compressed, mask: mask, fin: fin, into: &frame)
        return frame
    }

    /// Appends one frame to `buffer`; the parameters are those of ``frame(_:_:compressed:mask:fin:)``.
    public static func write(
        _ opcode: Opcode,
        _ payload: ByteBuffer,
        compressed: Bool = false,
        mask: UInt32? = nil,
        fin: Bool = true,
        into buffer: inout ByteBuffer
    ) {
        let count = payload.readableBytes
        let header = HeaderBytes(opcode, length: count, compressed: compressed, mask: mask, fin: fin)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: header.count + count) { bytes in
            header.copy(to: UnsafeMutableRawBufferPointer(rebasing: bytes[..<header.count]))
            let body = UnsafeMutableRawBufferPointer(rebasing: bytes[header.count..<header.count + count])
            payload.withUnsafeReadableBytes { source in
                if let mask {
                    Masking.apply(mask, from: source, to: body)
                } else {
                    body.copyMemory(from: source)
                }
            }
            return header.count + count
        }
    }
}

/// A frame's header, at most 14 bytes, without memory of its own.
struct HeaderBytes {
    private(set) var count = 0
    private var bytes: (UInt64, UInt64) = (0, 0)

    init(_ opcode: Opcode, length: Int, compressed: Bool, mask: UInt32?, fin: Bool) {
        append((fin ? 0x80 : 0) | (compressed ? 0x40 : 0) | opcode.rawValue)
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch length {
        case ...125:
            append(maskBit | UInt8(length))
        case ...Int(UInt16.max):
            append(maskBit | 126)
            append(UInt16(length).bigEndian)
        default:
            append(maskBit | 127)
            append(UInt64(length).bigEndian)
        }
        if let mask { append(mask.littleEndian) }
    }

    private mutating func append<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        let offset = count
        withUnsafeMutableBytes(of: &bytes) { $0.storeBytes(of: value, toByteOffset: offset, as: Value.self) }
        count += MemoryLayout<Value>.size
    }

    func copy(to destination: UnsafeMutableRawBufferPointer) {
        withUnsafeBytes(of: bytes) { destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
}
