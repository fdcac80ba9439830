/// Which call of an engine runs, which ones wait, in the order in which they came, and when a refused one should come back.
struct EngineAdmission<ID: Hashable & Sendable>: Sendable {
    enum Decision: Equatable {
        /// The engine is free: the call runs now.
        case run
        /// The call waits until `finished` names it.
        case wait
        /// There is no room for it.
        case refuse(retryAfter: Duration)
    }

    private let capacity: Int
    private var isRunning = false
    private var waiting: [ID] = []
    private var meanTime: Duration = .milliseconds(100)

    /// Room for `capacity` calls, the running one included.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// How many calls have room, the running one included.
    var count: Int { waiting.count + (isRunning ? 1 : 0) }

    /// Finds room for a call, among fewer than there is room for if `limit` says so.
    mutating func admit(_ id: ID, upTo limit: Int? = nil) -> Decision {
        guard count < min(capacity, max(1, limit ?? capacity)) else { return .refuse(retryAfter: meanTime * count) }
        guard isRunning else {
            isRunning = true
            return .run
        }
        waiting.append(id)
        return .wait
    }

    /// Takes a call out that waits. False when it does not wait, since it runs, is over or was refused.
    mutating func withdraw(_ id: ID) -> Bool {
        guard let index = waiting.firstIndex(of: id) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Ends the running call and returns the one that runs next. `time` is how long the engine worked, nil when it did
    /// not, because the call was cancelled.
    mutating func finished(after time: Duration?) -> ID? {
        // An exponential moving average over about eight calls.
        if let time { meanTime = meanTime + (time - meanTime) / 8 }
        guard let next = waiting.first else {
            isRunning = false
            return nil
        }
        waiting.removeFirst()
        return next
    }
}
