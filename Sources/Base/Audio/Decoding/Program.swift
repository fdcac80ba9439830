/// A sound that one decoder reads from its beginning to its end. Most sources are one; joined ones hold several, one
/// behind the other, which may differ in everything.
struct Program {
    /// Who decodes it.
    enum Content {
        /// libsndfile, with a file of its own.
        case soundFile(any ByteSource, AudioKind)
        /// libmpg123, with frames of the source.
        case frames(MPEGFrames, any ByteSource)
        /// The program `ffmpeg`; of the decoded sound the first `lead` samples at `leadRate` Hz are left out.
        case foreign(any ByteSource, demuxer: String, kind: String, lead: Int = 0, leadRate: Int = 1)
        /// Nobody, for this reason.
        case broken(String)
    }

    let content: Content
    /// Where the next one begins, or the source ends.
    let end: Int

    /// The program that begins at `offset`; nil when nothing of a known kind does.
    init?(in source: any ByteSource, at offset: Int) {
        var window = ByteWindow(source)
        guard let (kind, start) = AudioKind.find(in: source, &window, at: offset) else { return nil }
        switch kind {
        case .wav, .wave64, .aiff, .caf:
            let file = ChunkedFile(in: source, kind: kind, at: start)
            content = Self.content(of: file, kind, source)
            end = file.end
        case .au:
            (content, end) = Self.au(source, &window, at: start)
        case .flac:
            (content, end) = Self.flac(source, &window, at: start)
        case .ogg:
            let link = OggLink(in: source, at: start)
            content = Self.content(of: link, source)
            end = link.end
        case .mp3, .aac:
            guard let frames = MPEGFrames(in: source, at: start) else {
                content = .broken("it has no frames of sound")
                end = source.count
                return
            }
            content = Self.content(of: frames, source)
            end = frames.end
        case .mp4:
            guard let last = MP4Boxes.end(of: start, in: source, &window) else {
                content = .broken("it is several files joined, of which one does not say where it begins")
                end = source.count
                return
            }
            end = last
            content = Self.foreign(kind, source, start..<end)
        case .matroska:
            let stated = EBML.end(of: start, in: &window)
            if let stated, ProgramStart.isStart(at: stated, in: source, &window) {
                end = stated
            } else {
                end = ProgramStart.next(of: kind, in: source, start + 1..<source.count) ?? source.count
            }
            content = Self.foreign(kind, source, start..<end)
        case .asf:
            end = ProgramStart.next(of: kind, in: source, start + 1..<source.count) ?? source.count
            content = Self.foreign(kind, source, start..<end)
        case .amr:
            end = ProgramStart.next(in: source, start + 1..<source.count) ?? source.count
            content = Self.foreign(kind, source, start..<end)
        }
    }

    private static func foreign(_ kind: AudioKind, _ source: any ByteSource, _ range: Range<Int>) -> Content {
        let part = ComposedSource([.range(range)], of: source)
        return .foreign(part, demuxer: kind.demuxer ?? "", kind: kind.description)
    }

    private static func content(of file: ChunkedFile, _ kind: AudioKind, _ source: any ByteSource) -> Content {
        guard let mended = file.mended(source) else {
            return .broken(
                file.samples.isEmpty
                    ? "it ends before its samples begin" : "what says how its samples are to be read is missing"
            )
        }
        // Layer III in WAV, which some recorders write.
        if kind == .wav || kind == .wave64, file.waveCodec(source) == 0x55 {
            let samples = ComposedSource(file.samples.map { .range($0) }, of: source)
            if let frames = MPEGFrames(in: samples, at: 0) { return .frames(frames, samples) }
        }
        return .soundFile(mended, kind == .wave64 ? .wav : kind)
    }

    private static func content(of link: OggLink, _ source: any ByteSource) -> Content {
        let pages = ComposedSource(link.pages.map { .range($0) }, of: source)
        return switch link.codec {
        case .opus, .vorbis, .flac: .soundFile(pages, .ogg)
        case .speex: .foreign(pages, demuxer: "ogg", kind: "Ogg with Speex")
        case nil: .broken("it has no stream of Opus, Vorbis, FLAC or Speex")
        }
    }

    private static func content(of frames: MPEGFrames, _ source: any ByteSource) -> Content {
        guard frames.format.kind == .aac else { return .frames(frames, source) }
        let part = ComposedSource(frames.ranges.map { .range($0) }, of: source)
        return .foreign(
            part,
            demuxer: "aac",
            kind: AudioKind.aac.description,
            lead: frames.lead,
            leadRate: frames.format.sampleRate
        )
    }

    /// The samples of AU have nothing behind them, so that a size that is too small is one that nobody mended.
    private static func au(
        _ source: any ByteSource,
        _ window: inout ByteWindow,
        at start: Int
    ) -> (Content, end: Int) {
        guard let header = AUHeader(in: &window, at: start), header.start < source.count else {
            return (.broken("its header is damaged"), source.count)
        }
        let end: Int
        if let size = header.size, size < source.count - header.start,
            AudioKind.find(in: source, &window, at: header.start + size) != nil
        {
            end = header.start + size
        } else {
            end = ProgramStart.next(in: source, header.start..<source.count) ?? source.count
        }
        let size = UInt32(clamping: end - header.start)
        let word = (header.isBigEndian ? [24, 16, 8, 0] : [0, 8, 16, 24]).map { UInt8(size >> $0 & 0xFF) }
        let pieces: [ComposedSource.Piece] = [
            .range(start..<start + 8), .bytes(word), .range(start + 12..<end),
        ]
        return (.soundFile(ComposedSource(pieces, of: source), .au), end)
    }

    /// The number of samples in the header ends the reading, so it is made as large as can be.
    private static func flac(
        _ source: any ByteSource,
        _ window: inout ByteWindow,
        at start: Int
    ) -> (Content, end: Int) {
        // Blocks before the frames may hold pictures, in which anything may stand.
        var frames = start + 4
        while let word = window.integer(at: frames, size: 4, bigEndian: true) {
            frames += 4 + Int(word & 0xFF_FFFF)
            if word & 0x8000_0000 != 0 { break }
        }
        let end =
            frames < source.count ? ProgramStart.next(in: source, frames..<source.count) ?? source.count : source.count
        guard end - start >= 42, let word = window.integer(at: start + 18, size: 8, bigEndian: true) else {
            return (.broken("it ends in its header"), end)
        }
        let endless = word | 0xF_FFFF_FFFF
        let bytes = stride(from: 56, through: 0, by: -8).map { UInt8(endless >> UInt64($0) & 0xFF) }
        let pieces: [ComposedSource.Piece] = [.range(start..<start + 18), .bytes(bytes), .range(start + 26..<end)]
        return (.soundFile(ComposedSource(pieces, of: source), .flac), end)
    }
}
