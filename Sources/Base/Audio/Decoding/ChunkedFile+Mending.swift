extension ChunkedFile {
    /// The same sound as a file whose sizes and counts are true, with nothing that its samples do not need; nil when what
    /// says how to read the samples is missing.
    ///
    /// W64 and RF64 become plain WAV, whose chunks are the same.
    func mended(_ source: any ByteSource) -> ComposedSource? {
        switch form {
        case .riff, .riffBigEndian, .wave64: wave(source)
        case .aiff: aiff(source)
        case .caf: caf(source)
        }
    }

    /// The number of the codec of WAV and W64; nil when it cannot be read.
    func waveCodec(_ source: any ByteSource) -> Int? {
        guard let format = content(of: "fmt "), format.count >= 16 else { return nil }
        let bytes = source.bytes(at: format.lowerBound, count: 40)
        func half(_ index: Int) -> Int {
            form == .riffBigEndian
                ? Int(bytes[index]) << 8 | Int(bytes[index + 1]) : Int(bytes[index + 1]) << 8 | Int(bytes[index])
        }
        // The extensible form keeps it in the first half of its subformat.
        return half(0) == 0xFFFE && format.count >= 26 && bytes.count >= 26 ? half(24) : half(0)
    }

    private var sampleBytes: Int { samples.reduce(0) { $0 + $1.count } }

    private func wave(_ source: any ByteSource) -> ComposedSource? {
        guard let format = content(of: "fmt "), format.count >= 16, !samples.isEmpty else { return nil }
        let bigEndian = form == .riffBigEndian
        let formatBytes = source.bytes(at: format.lowerBound, count: min(format.count, 4096))
        let padding = [UInt8](repeating: 0, count: formatBytes.count % 2)
        let head =
            Array("WAVEfmt ".utf8) + number(formatBytes.count, bigEndian) + formatBytes + padding
            + Array("data".utf8) + number(sampleBytes, bigEndian)
        return ComposedSource(
            [.bytes(Array((bigEndian ? "RIFX" : "RIFF").utf8) + number(head.count + sampleBytes, bigEndian) + head)]
                + samples.map { .range($0) },
            of: source
        )
    }

    private func aiff(_ source: any ByteSource) -> ComposedSource? {
        guard let common = content(of: "COMM"), common.count >= 18, !samples.isEmpty else { return nil }
        // Behind the number of channels stands that of frames, which would end the reading.
        var commonBytes = source.bytes(at: common.lowerBound, count: min(common.count, 4096))
        commonBytes.replaceSubrange(2..<6, with: number(Int(UInt32.max), true))
        commonBytes += [UInt8](repeating: 0, count: commonBytes.count % 2)
        let isCompressed = common.count > 18
        let head =
            Array((isCompressed ? "AIFC" : "AIFF").utf8) + Array("COMM".utf8) + number(commonBytes.count, true)
            + commonBytes + Array("SSND".utf8) + number(sampleBytes, true)
        return ComposedSource(
            [.bytes(Array("FORM".utf8) + number(head.count + sampleBytes, true) + head)] + samples.map { .range($0) },
            of: source
        )
    }

    private func caf(_ source: any ByteSource) -> ComposedSource? {
        guard content(of: "desc") != nil, !samples.isEmpty else { return nil }
        var pieces: [ComposedSource.Piece] = [.bytes(Array("caff".utf8) + [0, 1, 0, 0])]
        for chunk in chunks
        where ["desc", "chan", "kuki", "pakt"].contains(where: { chunk.name.elementsEqual($0.utf8) }) {
            pieces += [.bytes(chunk.name + long(chunk.body.count)), .range(chunk.body)]
        }
        pieces.append(.bytes(Array("data".utf8) + long(sampleBytes)))
        return ComposedSource(pieces + samples.map { .range($0) }, of: source)
    }

    /// Four bytes; what is too large is said to be as large as can be.
    private func number(_ value: Int, _ bigEndian: Bool) -> [UInt8] {
        let value = UInt32(clamping: value)
        return (bigEndian ? [24, 16, 8, 0] : [0, 8, 16, 24]).map { UInt8(value >> $0 & 0xFF) }
    }

    private func long(_ value: Int) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(value >> $0 & 0xFF) }
    }
}
