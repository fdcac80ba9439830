internal import CZlib
public import NIOCore

/// Compresses messages as permessage-deflate has them. Holds about 256 KiB at the largest window; not for use from
/// several threads at once.
///
/// A deflater without context gives results that any receiver can inflate, so one can serve many connections.
public final class Deflater {
    // zlib keeps the address of its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether later messages refer to earlier ones.
    public let keepsContext: Bool

    /// A compressor.
    /// - Parameters:
    ///   - windowBits: how far back repetitions are looked for, 9 to 15; 8 is beyond zlib.
    ///   - level: effort, 1 to 9.
    ///   - memoryLevel: 1 to 9.
    ///   - keepsContext: whether later messages may refer to earlier ones.
    /// - Returns: nil when a value is out of range or memory is short.
    public init?(windowBits: Int = 15, level: Int = 1, memoryLevel: Int = 8, keepsContext: Bool = false) {
        guard (9...15).contains(windowBits), (1...9).contains(level), (1...9).contains(memoryLevel) else { return nil }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_deflate_init(stream, Int32(level), Int32(-windowBits), Int32(memoryLevel)) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
        self.keepsContext = keepsContext
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends the compressed form of a whole message to `output`.
    public func compress(_ message: ByteBuffer, into output: inout ByteBuffer) {
        let start = output.writerIndex
        message.withUnsafeReadableBytes { source in
            // zlib does not write to its input, its interface merely lacks the const.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(source.count)
            repeat {
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: max(64, source.count / 4)) { free in
                    stream.pointee.next_out = free.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(free.count)
                    deflate(stream, Z_SYNC_FLUSH)
                    return free.count - Int(stream.pointee.avail_out)
                }
            } while stream.pointee.avail_out == 0
        }
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        if !keepsContext { deflateReset(stream) }
        // The flush ends with the empty block 00 00 FF FF, which is not sent (RFC 7692, section 7.2.1).
        if output.writerIndex >= start + 4 {
            output.moveWriterIndex(to: output.writerIndex - 4)
        }
        if output.writerIndex == start {
            output.writeInteger(UInt8(0))
        }
    }
}
