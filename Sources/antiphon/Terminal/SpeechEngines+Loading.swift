import Speech

extension SpeechEngines {
    /// Loads the engine that will speak with `options`, and says so when it is not the preferred one, with the reason and
    /// the remedy. Returns how long the loading took. Throws `CancellationError`; when nothing can be loaded, the speaking
    /// throws.
    func loadSynthesizer(for options: SynthesisOptions) async throws -> Duration {
        let start = ContinuousClock.now
        let loaded = try await synthesizer.prepare(for: options)
        let time = ContinuousClock.now - start
        guard let loaded else { return time }
        let preferred = await synthesizer.preferred(for: options)
        guard preferred.name != loaded else { return time }
        if case .unavailable(let reason) = preferred.availability {
            Terminal.complain("\(loaded) speaks, since \(preferred.name) cannot be used: \(reason)")
        } else {
            Terminal.complain("\(loaded) speaks, since \(preferred.name) could not be loaded; see antiphon engines.")
        }
        return time
    }
}
