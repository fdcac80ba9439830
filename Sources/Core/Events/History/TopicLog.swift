internal import DequeModule

/// The newest publications of a topic, with contiguous offsets.
struct TopicLog: Sendable {
    struct Entry: Sendable {
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
    mutating func removeOldest() -> Entry? {
        guard let oldest = entries.popFirst() else { return nil }
        bytes -= oldest.publication.size
        return oldest
    }

    mutating func removeAll() {
        entries = []
        bytes = 0
    }

    /// Whether there are more publications or bytes than a class allows.
    func exceeds(_ limits: TopicClass) -> Bool { entries.count > limits.historyCount || bytes > limits.historyBytes }

    /// Whether the oldest publication has reached an age.
    func isOutdated(_ age: Duration, now: ContinuousClock.Instant) -> Bool {
        entries.first.map { now - $0.time >= age } ?? false
    }

    /// The publications younger than `age`.
    func indices(youngerThan age: Duration, now: ContinuousClock.Instant) -> Range<Int> {
        let first = entries.firstIndex { now - $0.time < age } ?? entries.endIndex
        return first..<entries.endIndex
    }

    func offset(at index: Int) -> UInt64 { entries[index].publication.offset }

    func publications(in range: Range<Int>) -> [Publication] { entries[range].map(\.publication) }
}
