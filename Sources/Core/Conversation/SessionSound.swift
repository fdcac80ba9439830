import Audio
import Speech

/// The way of a user's sound into a session: to the detector's sample rate.
final class SessionInput {
    let detector: any VoiceActivityDetector
    private let converter: RateConverter

    init(_ detector: any VoiceActivityDetector) {
        self.detector = detector
        converter = RateConverter(to: detector.sampleRate)
    }

    /// The next samples at the detector's rate. Throws `AudioError` for sound of a rate that cannot be converted.
    func resample(_ sound: PCM) throws(AudioError) -> [Float] { try converter.process(sound) }

    /// The samples still held back.
    func finish() -> [Float] { converter.finish() }
}

/// The rate of an answer's sound: one for the whole session, that of the first sound unless another is asked for.
final class SessionOutput {
    private var sampleRate: Int?

    init(sampleRate: Int?) {
        self.sampleRate = sampleRate
    }

    /// The rate, in Hz; nil before the first sound.
    var currentRate: Int? { sampleRate }

    /// The rate, in Hz, if `sound` is the next.
    fileprivate func rate(for sound: PCM) -> Int {
        let rate = sampleRate ?? sound.sampleRate
        sampleRate = rate
        return rate
    }
}

/// The way of one segment of an answer out of a session: in pieces that are short enough to be taken back, at the
/// session's rate.
final class SegmentOutput {
    /// The longest piece of sound in one event.
    static let pieceLength: Duration = .milliseconds(100)

    private let session: SessionOutput
    private var converter: RateConverter?

    init(_ session: SessionOutput) {
        self.session = session
    }

    /// The next sound, cut up. Throws `AudioError` for sound of a rate that cannot be converted.
    func pieces(of sound: PCM) throws(AudioError) -> [PCM] {
        let converter = self.converter ?? RateConverter(to: session.rate(for: sound))
        self.converter = converter
        return Self.cut(try converter.process(sound), converter.outputRate)
    }

    /// The sound still held back.
    func finish() -> [PCM] {
        converter.map { Self.cut($0.finish(), $0.outputRate) } ?? []
    }

    private static func cut(_ samples: [Float], _ rate: Int) -> [PCM] {
        PCM(samples, sampleRate: rate).pieces(of: pieceLength)
    }
}
