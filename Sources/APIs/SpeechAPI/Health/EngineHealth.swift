import HTTPTypes
import Serving

/// Knows which engines work without asking them each time: a check reads model files and waits for busy engines, so it
/// is made in the background while the last report still serves.
actor EngineHealth {
    /// How long a report stands when everything works, and when something is missing.
    private static let lifetime: (complete: Duration, incomplete: Duration) = (.seconds(60), .seconds(10))

    private let check: @Sendable () async -> EngineReport
    private var report: (value: EngineReport, end: ContinuousClock.Instant)?
    private var running: Task<EngineReport, Never>?

    /// Health as `check` finds it; nothing is checked before somebody asks.
    init(check: @escaping @Sendable () async -> EngineReport) {
        self.check = check
    }

    /// The last report. Only the first caller waits for one; a report past its time is replaced in the background.
    func current(at now: ContinuousClock.Instant = .now) async -> EngineReport {
        if let report, now < report.end { return report.value }
        let running = running ?? begin()
        return if let report { report.value } else { await running.value }
    }

    /// Starts a check that outlives the request which wanted it.
    private func begin() -> Task<EngineReport, Never> {
        let task = Task {
            let value = await check()
            let lifetime = value.isComplete ? Self.lifetime.complete : Self.lifetime.incomplete
            report = (value, .now + lifetime)
            running = nil
            return value
        }
        running = task
        return task
    }

    /// Throws `APIFailure` (503) when no synthesiser can be used.
    func requireSynthesizer() async throws {
        if await current().synthesizer == nil { throw Self.missing("synthesiser") }
    }

    /// Throws `APIFailure` (503) when no recogniser can be used.
    func requireRecognizer() async throws {
        if await current().recognizer == nil { throw Self.missing("recogniser") }
    }

    /// The reason names files of this machine, so it stays here.
    private static func missing(_ what: String) -> APIFailure {
        var failure = APIFailure(
            .serviceUnavailable,
            .modelNotLoaded,
            "No \(what) can be used now; on the server, antiphon engines says why."
        )
        failure.retryAfter = lifetime.incomplete
        return failure
    }
}
