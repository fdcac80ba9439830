import Audio
import Resilience

/// Chooses among engines in order of preference: a failing one is skipped, probed from time to time and used again.
struct Failover: Sendable {
    private var breakers: [CircuitBreaker]

    init(count: Int, policy: CircuitBreaker.Policy) {
        breakers = Array(repeating: CircuitBreaker(policy: policy), count: count)
    }

    /// The first engine in `order` that may be asked at `now`, or how long until one may.
    mutating func choose(from order: [Int], at now: ContinuousClock.Instant) -> (index: Int?, retryAfter: Duration?) {
        var soonest: Duration?
        for index in order {
            switch breakers[index].admit(at: now) {
            case .pass, .probe:
                return (index, nil)
            case .refuse(let retryAfter):
                soonest = min(soonest ?? retryAfter, retryAfter)
            }
        }
        return (nil, soonest)
    }

    mutating func succeeded(_ index: Int) {
        breakers[index].succeeded()
    }

    mutating func failed(_ index: Int, at now: ContinuousClock.Instant) {
        breakers[index].failed(at: now)
    }

    mutating func abandoned(_ index: Int, at now: ContinuousClock.Instant) {
        breakers[index].abandoned(at: now)
    }
}

extension Failover {
    /// What the first of `engines` makes that can do the work; the others are not asked. Throws ``end(_:_:retryAfter:)``
    /// when none can.
    static func first<Engine, Result>(
        _ role: EngineDescription.Role,
        of engines: [Engine],
        _ work: (Engine) async throws -> Result
    ) async throws -> Result {
        var failures: [any Error] = []
        for engine in engines {
            do {
                return try await work(engine)
            } catch {
                guard FailoverVerdict(error) != .passOn else { throw error }
                failures.append(error)
            }
        }
        throw end(role, failures, retryAfter: nil)
    }

    /// What to throw when no engine did it: `failures` are the errors of those that were asked, in order. A refusal says
    /// more to who asked than the failures of others.
    static func end(_ role: EngineDescription.Role, _ failures: [any Error], retryAfter: Duration?) -> SpeechError {
        let errors = failures.compactMap { $0 as? SpeechError }
        let refusal = errors.first { FailoverVerdict($0) == .askNext }
        if let refusal { return refusal }
        let reasons = failures.map { String(describing: $0) } + resting(retryAfter)
        let missing = errors.compactMap { if case .unavailable(let engine, _) = $0 { engine } else { nil } }
        guard missing.count == reasons.count, !missing.isEmpty else { return .allFailed(role: role, reasons: reasons) }
        if let only = errors.first, errors.count == 1 { return only }
        return .unavailable(engine: missing.joined(separator: ","), reason: reasons.joined(separator: " "))
    }

    /// Says why engines that may not be asked now are left out.
    private static func resting(_ retryAfter: Duration?) -> [String] {
        retryAfter.map { ["Others failed lately and rest for \(max(1, Int($0.seconds.rounded(.up)))) s."] } ?? []
    }
}

/// What an engine's error means for the choice of engines.
enum FailoverVerdict {
    /// The engine is at fault: count it and ask the next one.
    case engineFailed
    /// Nobody is at fault, but another engine may do it: ask the next one.
    case askNext
    /// Somebody else is at fault, or nobody: pass the error on.
    case passOn

    init(_ error: any Error) {
        switch error {
        case is CancellationError:
            self = .passOn
        case SpeechError.busy, SpeechError.unknownVoice, SpeechError.unknownEngine, SpeechError.nothingToSay,
            SpeechError.textTooLong, SpeechError.speedOutOfRange, SpeechError.voiceUnusable:
            self = .passOn
        case SpeechError.refused, SpeechError.languageNotUnderstood:
            self = .askNext
        default:
            self = .engineFailed
        }
    }
}
