import Audio
public import Resilience
import Synchronization

/// Several synthesisers in order of preference, used as one.
public final class FallbackSynthesizer: SpeechSynthesizer {
    private let engines: [any SpeechSynthesizer]
    private let failover: SharedFailover

    /// A synthesiser that asks the engine of the wanted voice, else the first of `engines`, of which there must be
    /// one, and the others when that fails.
    public init(_ engines: [any SpeechSynthesizer], policy: CircuitBreaker.Policy = .init()) {
        precondition(!engines.isEmpty, "a synthesiser is needed")
        self.engines = engines
        failover = SharedFailover(Failover(count: engines.count, policy: policy))
    }

    /// The names of the engines in order.
    public var name: String { engines.map(\.name).joined(separator: ",") }

    /// The description of the preferred engine.
    public func describe() async -> EngineDescription { await engines[0].describe() }

    /// The voices of all engines that are available, in order of preference.
    public func voices() async throws -> [Voice] {
        var voices: [Voice] = []
        for engine in engines {
            voices += (try? await engine.voices()) ?? []
            try Task.checkCancellation()
        }
        return voices
    }

    /// Prepares the first engine that can be prepared; throws when none can.
    public func prepare() async throws {
        try await Failover.first(.synthesizer, of: engines) { try await $0.prepare() }
    }

    /// Speaks with the first engine that makes sound. An engine that fails after its first sound is not replaced,
    /// because the listener would hear the beginning twice.
    public func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        let preferred = options.voice.flatMap { voice in engines.firstIndex { $0.name == voice.engine } }
        let order = (preferred.map { [$0] } ?? []) + engines.indices.filter { $0 != preferred }
        let attempt = Attempt(
            engines: engines,
            order: order,
            segment: segment,
            options: options,
            failover: failover
        )
        return SpeechAudio { try await attempt.next() }
    }
}

/// The choice of engines, shared by all segments being spoken.
private final class SharedFailover: Sendable {
    private let failover: Mutex<Failover>

    init(_ failover: Failover) {
        self.failover = Mutex(failover)
    }

    func withLock<Result: Sendable>(_ body: (inout Failover) -> Result) -> Result {
        failover.withLock { body(&$0) }
    }
}

/// The speaking of one segment, on one engine after another until one makes sound.
private actor Attempt {
    private let engines: [any SpeechSynthesizer]
    private var untried: [Int]
    private let segment: String
    private let options: SynthesisOptions
    private let failover: SharedFailover
    private var speaking: SpeechAudio.Iterator?

    init(
        engines: [any SpeechSynthesizer],
        order: [Int],
        segment: String,
        options: SynthesisOptions,
        failover: SharedFailover
    ) {
        self.engines = engines
        untried = order
        self.segment = segment
        self.options = options
        self.failover = failover
    }

    func next() async throws -> PCM? {
        if speaking != nil { return try await piece() }
        var failures: [any Error] = []
        while true {
            let choice = choose()
            guard let index = choice.index else {
                throw Failover.end(.synthesizer, failures, retryAfter: choice.retryAfter)
            }
            untried.removeAll { $0 == index }
            let engine = engines[index]
            do {
                speaking = engine.synthesize(segment, options: options).makeAsyncIterator()
                guard let first = try await piece(), !first.isEmpty else {
                    throw SpeechError.producedNothing(engine: engine.name)
                }
                failover.withLock { $0.succeeded(index) }
                return first
            } catch {
                speaking = nil
                let verdict = FailoverVerdict(error)
                failover.withLock { failover in
                    if verdict == .engineFailed {
                        failover.failed(index, at: .now)
                    } else {
                        failover.abandoned(index, at: .now)
                    }
                }
                guard verdict != .passOn else { throw error }
                failures.append(error)
            }
        }
    }

    private func choose() -> (index: Int?, retryAfter: Duration?) {
        failover.withLock { $0.choose(from: untried, at: .now) }
    }

    private func piece() async throws -> PCM? {
        guard var iterator = speaking else { return nil }
        let piece = try await iterator.next()
        speaking = iterator
        return piece
    }
}
