/// Brings a stream of sound to one rate, whatever rates its pieces have.
///
/// Pieces of one rate are converted as one sound, so that nothing is heard where they meet. When the rate changes, as
/// when another engine takes over, the sound so far is brought to its end and a new conversion begins.
public final class RateConverter {
    /// The rate of the outgoing samples, in Hz.
    public let outputRate: Int

    private let quality: Resampler.Quality
    private var resampler: Resampler?

    /// A converter to `outputRate` Hz.
    public init(to outputRate: Int, quality: Resampler.Quality = .live) {
        self.outputRate = outputRate
        self.quality = quality
    }

    /// Takes the next sound and returns the samples that are ready, which may be none.
    ///
    /// - Throws: ``AudioError/unsupportedRate(_:supported:)`` when one of the rates is not in
    ///   ``Resampler/supportedRates``; the sound is then left out.
    public func process(_ sound: PCM) throws(AudioError) -> [Float] {
        if let resampler, resampler.inputRate == sound.sampleRate { return resampler.process(sound.samples) }
        for rate in [sound.sampleRate, outputRate] where !Resampler.supportedRates.contains(rate) {
            throw .unsupportedRate(rate, supported: SampleCollector.supportedRatesDescription)
        }
        let rest = finish()
        let resampler = Resampler(from: sound.sampleRate, to: outputRate, quality: quality)
        self.resampler = resampler
        return rest + resampler.process(sound.samples)
    }

    /// Ends the sound and returns the samples still inside. What comes after that is new sound.
    public func finish() -> [Float] {
        defer { resampler = nil }
        return resampler?.finish() ?? []
    }
}
