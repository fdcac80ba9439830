import Speech

/// A synthesiser that makes no sound, and tells when it is asked and when it is cancelled.
struct SlowSynthesizer: SpeechSynthesizer {
    let happened: AsyncStream<String>.Continuation

    var name: String { "slow" }

    func describe() async -> EngineDescription { await FakeSynthesizer().describe() }

    func voices() async throws -> [Voice] { [] }

    func prepare() async throws {}

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio {
            happened.yield("asked")
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                happened.yield("cancelled")
                throw error
            }
            return nil
        }
    }
}
