internal import CZlib
internal import NIOCore

/// Decompresses messages of permessage-deflate, piece by piece, never beyond a limit. Not for use from several
/// threads at once.
final class Inflater {
    enum Failure: Error, Equatable {
        /// The data is not deflate or ends in the middle of a block.
        case corrupt
        /// The message would be larger than the limit.
        case tooBig
    }

    // zlib keeps the address of its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether bytes came in since the last byte boundary between blocks.
    private var isInsideBlock = false

    /// A decompressor for a window of 9 to 15 bits; nil when memory is short.
    init?(windowBits: Int = 15) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_inflate_init(stream, Int32(-windowBits)) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends what the next piece of a message stands for to `output`, which grows to `limit` bytes at most. What
    /// was decompressed before a failure is in `output`.
    func inflate(_ piece: UnsafeRawBufferPointer, into output: inout ByteBuffer, limit: Int) -> Failure? {
        guard !piece.isEmpty else { return nil }
        isInsideBlock = true
        // zlib does not write to its input, its interface merely lacks the const.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        repeat {
            let room = limit - output.readableBytes
            let status: Int32
            if room > 0 {
                status = step(into: &output, room: room)
            } else {
                // Nothing more may come out; whether anything would shows in one spare byte.
                var spare: UInt8 = 0
                status = withUnsafeMutablePointer(to: &spare) { step(into: $0, count: 1) }
                if stream.pointee.avail_out == 0 { return .tooBig }
            }
            switch status {
            case Z_OK:
                break
            case Z_STREAM_END:
                // A sender may end with a final block; whatever follows is a new stream.
                inflateReset(stream)
                isInsideBlock = stream.pointee.avail_in > 0
            case Z_BUF_ERROR:
                return nil
            default:
                return .corrupt
            }
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
        return nil
    }

    /// Ends a message: puts back the empty block that its sender left out.
    func finish(into output: inout ByteBuffer, limit: Int) -> Failure? {
        guard isInsideBlock else { return nil }
        let tail: [UInt8] = [0x00, 0x00, 0xFF, 0xFF]
        if let failure = tail.withUnsafeBytes({ inflate($0, into: &output, limit: limit) }) { return failure }
        isInsideBlock = false
        // This bit tells that a block has just ended, without which the message was cut.
        let isBetweenBlocks = stream.pointee.data_type & 128 != 0
        return isBetweenBlocks ? nil : .corrupt
    }

    private func step(into output: inout ByteBuffer, room: Int) -> Int32 {
        var status = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: min(room, 2048)) { free in
            let count = min(free.count, room)
            status = step(into: free.bindMemory(to: UInt8.self).baseAddress, count: count)
            return count - Int(stream.pointee.avail_out)
        }
        return status
    }

    private func step(into output: UnsafeMutablePointer<UInt8>?, count: Int) -> Int32 {
        stream.pointee.next_out = output
        stream.pointee.avail_out = UInt32(count)
        return CZlib.inflate(stream, Z_SYNC_FLUSH)
    }
}
