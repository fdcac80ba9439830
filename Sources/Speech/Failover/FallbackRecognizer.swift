public import Audio
public import Resilience
import Synchronization

/// Several recognisers in order of preference, used as one.
public final class FallbackRecognizer: SpeechRecognizer {
    private let engines: [any SpeechRecognizer]
    private let failover: Mutex<Failover>

    /// A recogniser that asks the first of `engines`, of which there must be one, and the next when that fails.
    public init(_ engines: [any SpeechRecognizer], policy: CircuitBreaker.Policy = .init()) {
        precondition(!engines.isEmpty, "a recogniser is needed")
        self.engines = engines
        failover = Mutex(Failover(count: engines.count, policy: policy))
    }

    /// The names of the engines in order.
    public var name: String { engines.map(\.name).joined(separator: ",") }

    /// That of the preferred engine.
    public var partialInterval: Duration? { engines[0].partialInterval }

    /// The shortest of all, so that any engine can take over.
    public var longestUtterance: Duration { engines.map(\.longestUtterance).min() ?? .seconds(30) }

    /// The description of the preferred engine.
    public func describe() async -> EngineDescription { await engines[0].describe() }

    /// Prepares the first engine that can be prepared; throws when none can.
    public func prepare() async throws {
        var reasons: [String] = []
        for engine in engines {
            do {
                return try await engine.prepare()
            } catch {
                guard FailoverVerdict(error) == .engineFailed else { throw error }
                reasons.append(String(describing: error))
            }
        }
        throw SpeechError.allFailed(role: .recognizer, reasons: reasons)
    }

    /// Transcribes with the first engine that hears something. When none fails and none hears anything, nothing was
    /// said; when one hears what another did not, the other has failed.
    public func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        var untried = Array(engines.indices)
        var silent: [Int] = []
        var reasons: [String] = []
        while true {
            let choice = failover.withLock { $0.choose(from: untried, at: .now) }
            guard let index = choice.index else {
                reasons += Failover.resting(choice.retryAfter)
                break
            }
            untried.removeAll { $0 == index }
            do {
                let transcript = try await engines[index].transcribe(audio, language: language)
                guard transcript.text.isEmpty else {
                    settle(succeeded: [index], failed: silent)
                    return transcript
                }
                silent.append(index)
            } catch {
                guard FailoverVerdict(error) == .engineFailed else {
                    settle(abandoned: silent + [index])
                    throw error
                }
                settle(failed: [index])
                reasons.append(String(describing: error))
            }
        }
        guard !silent.isEmpty else { throw SpeechError.allFailed(role: .recognizer, reasons: reasons) }
        settle(succeeded: silent)
        return Transcript(text: "")
    }

    private func settle(succeeded: [Int] = [], failed: [Int] = [], abandoned: [Int] = []) {
        failover.withLock { failover in
            succeeded.forEach { failover.succeeded($0) }
            failed.forEach { failover.failed($0, at: .now) }
            abandoned.forEach { failover.abandoned($0, at: .now) }
        }
    }
}
