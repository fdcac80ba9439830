/// Takes apart an AU stream of 32-bit big-endian floats as it arrives.
///
/// AU is the simplest form in which a program can write sound to a pipe and say its rate: six words, then samples.
struct AUStream {
    /// A stream that is not of this form.
    struct Malformed: Error {}

    private static let magic: UInt32 = 0x2E73_6E64  // ".snd"
    private static let float: UInt32 = 6
    private static let longestHeader = 65_536

    /// Bytes not yet used: the header while it is incomplete, then less than a frame.
    private var pending: [UInt8] = []
    /// Bytes of a frame; 0 while the header is incomplete.
    private var frameSize = 0

    /// The samples to leave out at the beginning, counted at a rate of their own, in Hz.
    private let lead: Int
    private let leadRate: Int

    init(lead: Int = 0, leadRate: Int = 1) {
        self.lead = lead
        self.leadRate = leadRate
    }

    /// Takes the next bytes and hands the header and whole frames to `collector`.
    mutating func consume(_ bytes: [UInt8], into collector: inout SampleCollector) throws {
        pending += bytes
        if frameSize == 0 {
            guard pending.count >= 24 else { return }
            let offset = Int(word(at: 4))
            guard word(at: 0) == Self.magic, word(at: 12) == Self.float, (24...Self.longestHeader).contains(offset)
            else { throw Malformed() }
            guard pending.count >= offset else { return }
            let channels = Int(word(at: 20))
            let rate = Int(word(at: 16))
            try collector.begin(sampleRate: rate, channels: channels, keeping: lead * rate / leadRate..<Int.max)
            frameSize = channels * 4
            pending.removeFirst(offset)
        }
        let used = pending.count - pending.count % frameSize
        let samples = stride(from: 0, to: used, by: 4).map { Float(bitPattern: word(at: $0)) }
        pending.removeFirst(used)
        try samples.withUnsafeBufferPointer { try collector.append($0) }
    }

    private func word(at index: Int) -> UInt32 {
        pending[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
