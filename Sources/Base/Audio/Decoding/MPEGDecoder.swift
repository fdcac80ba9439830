import CMpg123

/// Decoding of MP3, and of layers I and II, by libmpg123, which is given frames and told nothing of their number.
enum MPEGDecoder {
    private static let chunk = 16_384
    /// More than libmpg123 makes of one frame, in bytes.
    private static let room = 65_536

    static func decode(_ frames: MPEGFrames, of source: any ByteSource, into collector: inout SampleCollector) throws {
        guard let handle = mpg123_new(nil, nil) else { throw failure(source) }
        defer { mpg123_delete(handle) }
        let flags = MPG123_QUIET.rawValue | MPG123_FORCE_FLOAT.rawValue | MPG123_IGNORE_INFOFRAME.rawValue
        guard mpg123_param(handle, MPG123_FLAGS, Int(flags), 0) == MPG123_OK.rawValue,
            mpg123_open_feed(handle) == MPG123_OK.rawValue
        else { throw failure(source) }

        let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: room / MemoryLayout<Float>.stride)
        defer { output.deallocate() }
        var hasBegun = false
        for range in frames.ranges {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
                var input = source.bytes(at: start, count: min(chunk, range.upperBound - start))
                var needsMore = false
                while !needsMore {
                    var size = 0
                    let code = mpg123_decode(handle, input, input.count, output.baseAddress, room, &size)
                    input = []
                    switch code {
                    case MPG123_NEW_FORMAT.rawValue:
                        var (rate, channels, encoding) = (0, Int32(0), Int32(0))
                        mpg123_getformat(handle, &rate, &channels, &encoding)
                        guard encoding == MPG123_ENC_FLOAT_32.rawValue, !hasBegun else { throw failure(source) }
                        hasBegun = true
                        try collector.begin(
                            sampleRate: rate,
                            channels: Int(channels),
                            keeping: frames.lead..<max(frames.lead, frames.sampleCount - frames.tail)
                        )
                    case MPG123_OK.rawValue: break
                    // Damage in one frame leaves the others as they are.
                    default: needsMore = true
                    }
                    if size > 0, hasBegun {
                        let count = size / MemoryLayout<Float>.stride
                        try collector.append(UnsafeBufferPointer(rebasing: output[..<count]))
                    }
                }
            }
        }
        guard hasBegun else { throw failure(source) }
    }

    private static func failure(_ source: any ByteSource) -> AudioError {
        .corrupt(source: source.name, reason: "its frames cannot be decoded")
    }
}
