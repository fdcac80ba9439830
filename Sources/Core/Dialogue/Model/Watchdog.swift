/// Runs `operation`, but cancels it and throws the error that `watchdog`, which runs beside it, returns first.
func guarded<Value: Sendable>(
    by watchdog: @escaping @Sendable () async throws -> any Error,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { throw try await watchdog() }
        group.addTask { try await operation() }
        defer { group.cancelAll() }
        // A group with tasks in it has a next result.
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
