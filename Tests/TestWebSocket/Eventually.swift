/// Waits for something that nobody tells of; returns whether it happened. A wait in vain ends after `limit`, which is far
/// longer than anything takes on a slow machine, or with the test.
@discardableResult
public func eventually(within limit: Duration = .seconds(60), _ isFulfilled: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + limit
    while !isFulfilled() {
        guard ContinuousClock.now < end, !Task.isCancelled else { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}
