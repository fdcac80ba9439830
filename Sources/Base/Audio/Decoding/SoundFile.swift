import CSndfile

/// Decoding by libsndfile.
enum SoundFile {
    /// Samples of all channels decoded at once.
    private static let chunk = 65_536

    /// A file of a kind that libsndfile knows, with a codec that it does not know.
    struct UnknownCodec: Error {}

    /// Decodes `source`. Throws ``UnknownCodec``, ``AudioError`` or what the collector throws.
    static func decode(_ source: any ByteSource, into collector: inout SampleCollector) throws {
        let input = Input(source)
        // The library holds the input by an address that does not keep it alive.
        defer { withExtendedLifetime(input) {} }
        var callbacks = Input.callbacks
        var info = SF_INFO()
        let opened = sf_open_virtual(&callbacks, Int32(SFM_READ), &info, Unmanaged.passUnretained(input).toOpaque())
        guard let file = opened else {
            throw sf_error(nil) == SF_ERR_MALFORMED_FILE
                ? failure(source, "its header is damaged") : UnknownCodec()
        }
        defer { sf_close(file) }
        let channels = Int(info.channels)
        try collector.begin(sampleRate: Int(info.samplerate), channels: channels)

        let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: chunk)
        defer { buffer.deallocate() }
        var isEmpty = true
        while true {
            let frames = Int(sf_readf_float(file, buffer.baseAddress, sf_count_t(chunk / channels)))
            guard frames > 0 else { break }
            isEmpty = false
            try collector.append(UnsafeBufferPointer(rebasing: buffer[..<(frames * channels)]))
        }
        // What precedes the damage is kept, as of a file cut short.
        if isEmpty, sf_error(file) != SF_ERR_NO_ERROR { throw failure(source, "not one sample can be decoded") }
    }

    private static func failure(_ source: any ByteSource, _ reason: String) -> AudioError {
        .corrupt(source: source.name, reason: reason)
    }

    /// What libsndfile reads: a source and a place in it.
    private final class Input {
        let source: any ByteSource
        var position = 0

        init(_ source: any ByteSource) {
            self.source = source
        }

        func seek(_ offset: Int, _ whence: Int32) -> Int {
            let base =
                switch Int(whence) {
                case SF_SEEK_CUR: position
                case SF_SEEK_END: source.count
                default: 0
                }
            let (target, overflow) = base.addingReportingOverflow(offset)
            guard !overflow, target >= 0 else { return -1 }
            position = target
            return position
        }

        func read(_ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
            let got = source.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count), at: position)
            position += got
            return got
        }

        static var callbacks: SF_VIRTUAL_IO {
            SF_VIRTUAL_IO(
                get_filelen: { sf_count_t(Input.from($0).source.count) },
                seek: { sf_count_t(Input.from($2).seek(Int($0), $1)) },
                read: { sf_count_t(Input.from($2).read($0, max(0, Int($1)))) },
                write: { _, _, _ in 0 },
                tell: { sf_count_t(Input.from($0).position) }
            )
        }

        private static func from(_ data: UnsafeMutableRawPointer?) -> Input {
            // Never nil: it is what `decode` gave to libsndfile.
            Unmanaged<Input>.fromOpaque(data.unsafelyUnwrapped).takeUnretainedValue()
        }
    }
}
