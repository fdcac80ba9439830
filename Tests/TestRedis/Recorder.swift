import Synchronization

/// Keeps what it is told, in order, and lets tests wait until it holds what they expect.
public final class Recorder<Element: Sendable>: Sendable {
    private struct Waiter {
        let number: Int
        let isFulfilled: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<[Element], Never>
    }

    private struct State {
        var elements: [Element] = []
        var waiters: [Waiter] = []
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    /// An empty recorder.
    public init() {}

    /// All that was told so far.
    public var elements: [Element] { state.withLock(\.elements) }

    /// Takes the next element.
    public func record(_ element: Element) {
        let woken = state.withLock { state in
            state.elements.append(element)
            guard !state.waiters.isEmpty else { return [(Waiter, [Element])]() }
            let ready = state.waiters.filter { $0.isFulfilled(state.elements) }
            state.waiters.removeAll { $0.isFulfilled(state.elements) }
            return ready.map { ($0, state.elements) }
        }
        for (waiter, elements) in woken { waiter.continuation.resume(returning: elements) }
    }

    /// Waits until the elements fulfil the condition, and returns them. A wait in vain ends after `limit`, which is far
    /// longer than anything takes on a slow machine, or when the test is cancelled; its elements do not fulfil it.
    @discardableResult
    public func wait(
        within limit: Duration = .seconds(120),
        until isFulfilled: @escaping @Sendable ([Element]) -> Bool
    ) async -> [Element] {
        await withTaskGroup(of: [Element].self) { group in
            group.addTask { await self.untilFulfilled(isFulfilled) }
            group.addTask {
                try? await Task.sleep(for: limit)
                return self.elements
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    private func untilFulfilled(_ isFulfilled: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: [Element]? = state.withLock { state in
                    if isFulfilled(state.elements) || Task.isCancelled { return state.elements }
                    state.waiters.append(Waiter(number: number, isFulfilled: isFulfilled, continuation: continuation))
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let (waiter, elements) = state.withLock { state in
                let index = state.waiters.firstIndex { $0.number == number }
                return (index.map { state.waiters.remove(at: $0) }, state.elements)
            }
            waiter?.continuation.resume(returning: elements)
        }
    }

    /// Waits until there are so many elements.
    @discardableResult
    public func wait(forCount count: Int) async -> [Element] {
        await wait { $0.count >= count }
    }
}
