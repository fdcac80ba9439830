import Audio

/// Does `work`, and does it again after a while as long as an engine is busy: a job that has begun is not broken off for
/// the sake of one that comes later. `orAtOnce` makes the first refusal final, as for the beginning of a job.
public func whenAdmitted<Result>(
    orAtOnce isFinal: Bool,
    _ work: () async throws -> Result
) async throws -> Result {
    while true {
        do {
            return try await work()
        } catch let error as SpeechError {
            guard case .busy(_, let retryAfter) = error, !isFinal else { throw error }
            try await Task.sleep(for: min(max(retryAfter, .milliseconds(20)), .seconds(1)))
        }
    }
}
