import CSndfile

/// Where libsndfile writes: a file in memory whose beginning leaves while the end is still being made.
///
/// What it writes back into the part that has left is dropped, but for the beginning, which is kept as it should be.
final class OutputBuffer {
    /// How much of the beginning is kept.
    private static let headLength = 64

    /// The beginning, as it was last written.
    private(set) var head: [UInt8] = []
    private var bytes: [UInt8] = []
    /// How many bytes have left.
    private var drained = 0
    private var position = 0
    private var end: Int { drained + bytes.count }

    /// The bytes since the last call.
    func drain() -> [UInt8] {
        drained = end
        defer { bytes = [] }
        return bytes
    }

    private func write(_ source: UnsafeRawBufferPointer) {
        let start = position
        position += source.count
        if start <= head.count, start < Self.headLength {
            let part = source.prefix(Self.headLength - start)
            head.replaceSubrange(start..<min(head.count, start + part.count), with: part)
        }
        let kept = source.dropFirst(max(0, drained - start))
        let offset = max(start, drained) - drained
        // A gap left by a seek beyond the end reads as zeros, as in a file.
        if offset > bytes.count { bytes += repeatElement(0, count: offset - bytes.count) }
        let overwritten = min(kept.count, bytes.count - offset)
        bytes.replaceSubrange(offset..<offset + overwritten, with: kept.prefix(overwritten))
        bytes += kept.dropFirst(overwritten)
    }

    private func seek(_ offset: Int, _ whence: Int32) -> Int {
        let base =
            switch Int(whence) {
            case SF_SEEK_CUR: position
            case SF_SEEK_END: end
            default: 0
            }
        position = max(0, base + offset)
        return position
    }

    /// What `sf_open_virtual` calls, with an unretained buffer as its user data.
    static var callbacks: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(OutputBuffer.from($0).end) },
            seek: { sf_count_t(OutputBuffer.from($2).seek(Int($0), $1)) },
            read: { _, _, _ in 0 },
            write: { source, count, data in
                OutputBuffer.from(data).write(UnsafeRawBufferPointer(start: source, count: Int(count)))
                return count
            },
            tell: { sf_count_t(OutputBuffer.from($0).position) }
        )
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> OutputBuffer {
        // Never nil: it is what this module gave to libsndfile.
        Unmanaged<OutputBuffer>.fromOpaque(data.unsafelyUnwrapped).takeUnretainedValue()
    }
}
