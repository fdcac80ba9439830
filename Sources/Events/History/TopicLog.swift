internal import DequeModule

/// The newest publications of a topic, with contiguous offsets.
struct TopicLog: Sendable {
    private struct Entry: Sendable {
        let publication: Publication
        let time: ContinuousClock.Instant
    }

    private var entries: Deque<Entry> = []

    private(set) var bytes = 0

    var count: Int { entries.count }

    mutating func append(_ publication: Publication, at time: ContinuousClock.Instant) {
        entries.append(Entry(publication: publication, time: time))
        bytes += publication.size
    }

    @discardableResult
    mutating func removeOldest() -> Bool {
        guard let oldest = entries.popFirst() else { return false }
        bytes -= oldest.publication.size
        return true
    }

    mutating func removeAll() {
        entries = []
        bytes = 0
    }

    mutating func trim(to limits: TopicClass, now: ContinuousClock.Instant) {
        while entries.count > limits.historyCount || bytes > limits.historyBytes, removeOldest() {}
        while let oldest = entries.first, now - oldest.time >= limits.historyAge { removeOldest() }
    }

    /// The publications younger than `age`.
    func indices(youngerThan age: Duration, now: ContinuousClock.Instant) -> Range<Int> {
        let first = entries.firstIndex { now - $0.time < age } ?? entries.endIndex
        return first..<entries.endIndex
    }

    func offset(at index: Int) -> UInt64 { entries[index].publication.offset }

    func publications(in range: Range<Int>) -> [Publication] { entries[range].map(\.publication) }
}
