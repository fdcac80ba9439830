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

    /// The description of the preferred engine, with the languages of all.
    public func describe() async -> EngineDescription {
        var description = await engines[0].describe()
        for engine in engines.dropFirst() where !description.languages.isEmpty {
            let more = await engine.describe().languages
            // One that does not say what it understands may understand anything.
            description.languages = more.isEmpty ? [] : description.languages + more
        }
        return description
    }

    /// Prepares the first engine that can be prepared; throws when none can.
    public func prepare() async throws {
        try await Failover.first(.recognizer, of: engines) { try await $0.prepare() }
    }

    /// Transcribes with the first engine that hears something. When none fails and none hears anything, nothing was
    /// said; when one hears what another did not, the other has failed.
    public func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        var untried = Array(engines.indices)
        var silent: [Int] = []
        var failures: [any Error] = []
        var retryAfter: Duration?
        while true {
            let choice = failover.withLock { $0.choose(from: untried, at: .now) }
            guard let index = choice.index else {
                retryAfter = choice.retryAfter
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
                switch FailoverVerdict(error) {
                case .passOn:
                    settle(abandoned: silent + [index])
                    throw error
                case .askNext: settle(abandoned: [index])
                case .engineFailed: settle(failed: [index])
                }
                failures.append(error)
            }
        }
        guard !silent.isEmpty else { throw Failover.end(.recognizer, failures, retryAfter: retryAfter) }
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
