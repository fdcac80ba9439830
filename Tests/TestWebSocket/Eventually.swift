/// Waits for something that nobody tells of. The time limit of the test ends a wait in vain.
public func eventually(_ isFulfilled: () -> Bool) async {
    while !isFulfilled(), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
}
