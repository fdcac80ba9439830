extension Responder {
    /// Runs `work`, which waits for this responder. When it takes longer than `limit` it is cancelled, and
    /// `ResponderError` with the code `timedOut(.answer)` is thrown.
    public func answering<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await guarded(
            by: { [name] in
                try await Task.sleep(for: limit, tolerance: .milliseconds(1))
                return ResponderError(responder: name, code: .timedOut(.answer, after: limit))
            },
            work
        )
    }
}
