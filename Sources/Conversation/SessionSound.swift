import Audio
import Speech

/// The way of a user's sound into a session: to the detector's sample rate.
final class SessionInput {
    let detector: any VoiceActivityDetector
    private var resampler: Resampler?
    private var sourceRate: Int?

    init(_ detector: any VoiceActivityDetector) {
        self.detector = detector
    }

    /// The next samples at the detector's rate. A change of the source's rate starts a new conversion.
    func resample(_ sound: PCM) -> [Float] {
        if sourceRate != sound.sampleRate {
            resampler = Resampler(from: sound.sampleRate, to: detector.sampleRate)
            sourceRate = sound.sampleRate
        }
        return resampler?.process(sound.samples) ?? []
    }

    /// The samples still held back.
    func finish() -> [Float] {
        defer { (resampler, sourceRate) = (nil, nil) }
        return resampler?.finish() ?? []
    }
}

/// The way of an answer's sound out of a session: in pieces that are short enough to be taken back, at one rate.
final class SessionOutput {
    /// The longest piece of sound in one event.
    static let pieceLength: Duration = .milliseconds(100)

    private var sampleRate: Int?

    init(sampleRate: Int?) {
        self.sampleRate = sampleRate
    }

    /// `sound`, cut up, at the session's rate.
    func pieces(of sound: PCM) -> [PCM] {
        let rate = sampleRate ?? sound.sampleRate
        sampleRate = rate
        return sound.resampled(to: rate).pieces(of: Self.pieceLength)
    }
}
