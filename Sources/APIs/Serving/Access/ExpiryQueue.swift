/// What ends when: entries in the order of their deadlines.
struct ExpiryQueue {
    typealias ID = UInt64

    private struct Entry {
        var deadline: ContinuousClock.Instant
        var id: ID
    }

    /// Ordered. Most deadlines come later than those before them, so most entries go to the end.
    private var entries: [Entry] = []

    /// The number of entries.
    var count: Int { entries.count }

    /// The first deadline.
    var next: ContinuousClock.Instant? { entries.first?.deadline }

    /// Adds an entry.
    mutating func insert(_ id: ID, at deadline: ContinuousClock.Instant) {
        entries.insert(Entry(deadline: deadline, id: id), at: place(of: id, at: deadline))
    }

    /// Removes the entry that was inserted so, if it is there.
    mutating func remove(_ id: ID, at deadline: ContinuousClock.Instant) {
        let index = place(of: id, at: deadline)
        guard index < entries.count, entries[index].id == id, entries[index].deadline == deadline else { return }
        entries.remove(at: index)
    }

    /// Removes and returns what is due at `now`, in order.
    mutating func takeDue(now: ContinuousClock.Instant) -> [ID] {
        let due = entries.prefix { $0.deadline <= now }.map(\.id)
        entries.removeFirst(due.count)
        return due
    }

    /// The index of the first entry that is not before this one.
    private func place(of id: ID, at deadline: ContinuousClock.Instant) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if (entries[middle].deadline, entries[middle].id) < (deadline, id) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
