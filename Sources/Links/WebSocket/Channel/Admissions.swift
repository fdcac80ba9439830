/// Counts connections against their limits.
struct Admissions: Sendable {
    /// Why a connection is not admitted.
    enum Refusal: Error, Equatable {
        case tooMany
        case tooManyFromAddress
        case shuttingDown
    }

    private let limit: Int
    private let limitPerAddress: Int
    private(set) var count = 0
    private(set) var isShuttingDown = false
    private var byAddress: [String: Int] = [:]
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(limit: Int, limitPerAddress: Int) {
        self.limit = limit
        self.limitPerAddress = limitPerAddress
    }

    mutating func admit(_ address: String) throws(Refusal) {
        guard !isShuttingDown else { throw .shuttingDown }
        guard count < limit else { throw .tooMany }
        let fromAddress = byAddress[address, default: 0]
        guard fromAddress < limitPerAddress else { throw .tooManyFromAddress }
        byAddress[address] = fromAddress + 1
        count += 1
    }

    /// One is gone. Returns those who waited for the last one.
    mutating func release(_ address: String) -> [CheckedContinuation<Void, Never>] {
        count -= 1
        let left = byAddress[address, default: 1] - 1
        byAddress[address] = left == 0 ? nil : left
        return takeWaitersIfEmpty()
    }

    /// Admits nobody any more.
    mutating func shutDown() { isShuttingDown = true }

    /// Somebody waits for the last connection to go. Returns those who need not wait.
    mutating func wait(_ waiter: CheckedContinuation<Void, Never>) -> [CheckedContinuation<Void, Never>] {
        waiters.append(waiter)
        return takeWaitersIfEmpty()
    }

    /// Those who wait, so that they wait no longer.
    mutating func takeWaiters() -> [CheckedContinuation<Void, Never>] {
        defer { waiters = [] }
        return waiters
    }

    private mutating func takeWaitersIfEmpty() -> [CheckedContinuation<Void, Never>] {
        guard count == 0 else { return [] }
        defer { waiters = [] }
        return waiters
    }
}
