/// The frames of one sound in MP3 (or layers I and II) or in AAC, found one by one.
///
/// Tags and rubbish between them are left out; nothing is estimated. A frame that tells of another sound, another format
/// or another kind of file ends it.
struct MPEGFrames {
    let format: MPEGFrame.Format
    /// Where the frames lie.
    let ranges: [Range<Int>]
    /// The samples of a channel in all frames.
    let sampleCount: Int
    /// Samples that coder and decoder put before the sound, and behind it.
    let lead: Int
    let tail: Int
    /// Where something else begins, or the source ends.
    let end: Int

    /// What a decoder of layer III puts before the sound.
    private static let decoderDelay = 529
    /// What the usual coder of layer III puts before the sound and what AAC does, where nothing says it.
    private static let usualDelay = 576 + decoderDelay
    private static let delayOfAAC = 1024

    /// The frames that begin at `start` or behind it; nil when there are none.
    init?(in source: any ByteSource, at start: Int) {
        var window = ByteWindow(source)
        var position = start
        if MPEGFrame.kind(in: &window, at: start) == nil {
            guard let first = Self.resume(in: source, &window, from: start) else { return nil }
            position = first
        }
        guard let first = MPEGFrame(in: &window, at: position) else { return nil }
        let tag = InfoTag(in: &window, at: position, first)
        // A piece cut out of a stream has no beginning; its first frame leans on one before.
        let hasBeginning = start == 0 || ID3Tag.end(at: 0, in: &window) == start
        let leans = Self.leans(on: first, at: position, &window)
        if tag != nil { position += first.size }

        var ranges: [Range<Int>] = []
        var samples = 0
        var frames = 0
        walking: while position < window.count {
            if let frame = MPEGFrame(in: &window, at: position), frame.format == first.format {
                if frames > 0, InfoTag(in: &window, at: position, frame) != nil { break }
                guard position + frame.size <= window.count else {
                    // Cut off in the middle of its last frame.
                    position = window.count
                    break
                }
                if let last = ranges.last, last.upperBound == position {
                    ranges[ranges.count - 1] = last.lowerBound..<position + frame.size
                } else {
                    ranges.append(position..<position + frame.size)
                }
                frames += 1
                samples += frame.samples
                position += frame.size
                continue
            }
            guard let next = Self.resume(in: source, &window, from: position) else {
                position = window.count
                break
            }
            position = next
            guard let frame = MPEGFrame(in: &window, at: next), frame.format == first.format else { break walking }
        }
        format = first.format
        self.ranges = ranges
        sampleCount = samples
        end = position
        if format.kind == .aac {
            lead = hasBeginning ? Self.delayOfAAC : 0
            tail = 0
        } else if format.layer != 3 {
            (lead, tail) = (0, 0)
        } else if let delay = tag?.delay {
            lead = delay.before + Self.decoderDelay
            // The padding is at the end only if this is the end.
            tail = tag?.frames.map { $0 == frames } ?? true ? max(0, delay.after - Self.decoderDelay) : 0
        } else {
            lead = tag != nil || hasBeginning && !leans ? Self.usualDelay : 0
            tail = 0
        }
    }

    /// Where frames go on from `position` on, or another file begins; nil when only rubbish follows.
    private static func resume(
        in source: any ByteSource,
        _ window: inout ByteWindow,
        from position: Int
    ) -> Int? {
        // A tag may hold a picture, in which anything may stand.
        var offset = position
        while true {
            let end = ID3Tag.end(at: offset, in: &window)
            guard end > offset, end <= window.count else { break }
            offset = end
        }
        var probe = window
        let frame = window.first(of: [[0xFF]], in: offset..<window.count) {
            MPEGFrame.isConfirmed(in: &probe, at: $0)
        }
        return ProgramStart.next(in: source, offset..<(frame ?? window.count)) ?? frame
    }

    /// Whether a frame of layer III begins with bits that stand in frames before.
    private static func leans(on frame: MPEGFrame, at offset: Int, _ window: inout ByteWindow) -> Bool {
        let bytes = Array(window.bytes(at: offset + frame.headerSize, count: 2))
        guard frame.format.layer == 3, bytes.count == 2 else { return false }
        return bytes[0] != 0 || frame.format.version == 3 && bytes[1] & 0x80 != 0
    }
}

/// What the first frame of an MP3 says of the others, in place of sound.
struct InfoTag {
    /// How many frames follow, if it says so.
    let frames: Int?
    /// How many samples the coder put before the sound and behind it, if it says so.
    let delay: (before: Int, after: Int)?

    init?(in window: inout ByteWindow, at offset: Int, _ frame: MPEGFrame) {
        guard frame.format.layer == 3 else { return nil }
        let isMono = frame.format.channels == 1
        let sideInformation = frame.format.version == 3 ? (isMono ? 17 : 32) : (isMono ? 9 : 17)
        var place = offset + 4 + sideInformation
        if window.reads("VBRI", at: offset + 36) {
            frames = nil
            delay = nil
            return
        }
        if frame.headerSize == 6, !window.reads("Xing", at: place), !window.reads("Info", at: place) { place += 2 }
        guard window.reads("Xing", at: place) || window.reads("Info", at: place),
            let flags = window.integer(at: place + 4, size: 4, bigEndian: true)
        else { return nil }
        place += 8
        var count: Int?
        if flags & 1 != 0 {
            count = window.integer(at: place, size: 4, bigEndian: true).map { Int($0) }
            place += 4
        }
        for (bit, length) in [(2 as UInt64, 4), (4, 100), (8, 4)] where flags & bit != 0 { place += length }
        frames = count
        // The name of the coder, then among others twelve bits for each delay.
        let coder = Array(window.bytes(at: place, count: 24))
        guard place + 24 <= offset + frame.size, coder.count == 24,
            coder[0..<4].allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            delay = nil
            return
        }
        delay = (Int(coder[21]) << 4 | Int(coder[22] >> 4), Int(coder[22] & 0x0F) << 8 | Int(coder[23]))
    }
}
