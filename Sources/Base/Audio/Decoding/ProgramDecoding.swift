/// Decodes the programs of a source, one after another.
struct ProgramDecoding {
    /// More files than anybody joins, each of which costs a decoder.
    private static let most = 1000

    private let source: any ByteSource
    private let find: () -> FFmpeg?
    /// The program `ffmpeg`, once it is needed, and when its time for the whole source is over.
    private var ffmpeg: (program: FFmpeg, end: ContinuousClock.Instant)?
    private var count = 0

    init(source: any ByteSource, ffmpeg find: @escaping () -> FFmpeg?) {
        self.source = source
        self.find = find
    }

    /// Decodes the next program. Throws ``AudioError`` or what the collector throws.
    mutating func decode(_ program: Program, into collector: inout SampleCollector) throws {
        count += 1
        guard count <= Self.most else {
            throw AudioError.corrupt(source: source.name, reason: "it is more than \(Self.most) files joined")
        }
        do {
            try decode(program.content, into: &collector)
        } catch let error as AudioError where count > 1 {
            throw error.inPart(count)
        }
    }

    private mutating func decode(_ content: Program.Content, into collector: inout SampleCollector) throws {
        switch content {
        case .soundFile(let file, let kind):
            do {
                try SoundFile.decode(file, into: &collector)
            } catch is SoundFile.UnknownCodec {
                guard let demuxer = kind.demuxer, kind != .flac else {
                    throw AudioError.corrupt(source: source.name, reason: "its header is damaged")
                }
                try run(file, demuxer: demuxer, kind: "\(kind.description) with an uncommon codec", into: &collector)
            }
        case .frames(let frames, let source):
            try MPEGDecoder.decode(frames, of: source, into: &collector)
        case .foreign(let file, let demuxer, let kind, let lead, let leadRate):
            try run(file, demuxer: demuxer, kind: kind, lead: lead, leadRate: leadRate, into: &collector)
        case .broken(let reason):
            throw AudioError.corrupt(source: source.name, reason: reason)
        }
    }

    private mutating func run(
        _ file: any ByteSource,
        demuxer: String,
        kind: String,
        lead: Int = 0,
        leadRate: Int = 1,
        into collector: inout SampleCollector
    ) throws {
        guard let ffmpeg = ffmpeg ?? find().map({ ($0, .now + $0.deadline) }) else {
            throw AudioError.ffmpegMissing(source: source.name, kind: kind)
        }
        self.ffmpeg = ffmpeg
        collector.expectProgram()
        try ffmpeg.program.decode(
            file,
            demuxer: demuxer,
            until: ffmpeg.end,
            lead: lead,
            leadRate: leadRate,
            into: &collector
        )
        // One file without sound is told as such; among several it must not get lost.
        guard count == 1 || collector.hasSound else {
            throw AudioError.ffmpegFailed(source: source.name, reason: "it has no sound")
        }
    }
}
