import DequeModule
import NIOCore

/// The publications of this node on their way to the others.
///
/// Each has a sequence number and is kept until it has come back over the channel and some time has passed. What is not
/// known to have gone through is sent again after Redis was away; the sequence number keeps it from counting twice.
struct Outbox {
    typealias Completion = @Sendable (Result<ClusterReceipt, ClusterError>) -> Void

    struct Entry {
        let draft: Draft
        let topic: TopicName
        let topicClass: TopicClass
        fileprivate(set) var progress = Progress.waiting
        /// Whether the subscribers of this node have it.
        fileprivate(set) var isDelivered = false
        /// Whom to tell; nil when told.
        fileprivate(set) var completion: Completion?

        fileprivate var size: Int { draft.data.readableBytes + draft.type.utf8.count + 256 }
    }

    enum Progress: Equatable {
        /// To be sent.
        case waiting
        /// Sent, without an answer.
        case sent
        /// Redis has it.
        case stored
        /// It came back over the channel then.
        case settled(ContinuousClock.Instant)
        /// Redis did not take it, for good.
        case refused

        var isOver: Bool {
            switch self {
            case .settled, .refused: true
            case .waiting, .sent, .stored: false
            }
        }
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private let settleTime: Duration
    private var entries: Deque<Entry> = []
    /// The sequence number of the first entry.
    private var first: UInt64 = 1
    /// The sequence number of the next entry to send.
    private var next: UInt64 = 1
    private var bytes = 0
    /// Publications that found no room while Redis was away.
    private(set) var dropped = 0

    init(maximumCount: Int, maximumBytes: Int, settleTime: Duration) {
        self.maximumCount = max(1, maximumCount)
        self.maximumBytes = max(1, maximumBytes)
        self.settleTime = settleTime
    }

    /// How many publications the other nodes do not have.
    var backlog: Int { entries.count { !$0.progress.isOver } }

    /// How many publications wait for Redis or for its answer.
    var underWay: Int { entries.count { $0.progress == .waiting || $0.progress == .sent } }

    subscript(sequence: UInt64) -> Entry? { index(of: sequence).map { entries[$0] } }

    private func index(of sequence: UInt64) -> Int? {
        guard sequence >= first, sequence - first < UInt64(entries.count) else { return nil }
        return Int(sequence - first)
    }

    /// Takes a draft that Redis is to number.
    mutating func append(
        _ draft: Draft,
        to topic: TopicName,
        class topicClass: TopicClass,
        now: ContinuousClock.Instant,
        completion: @escaping Completion
    ) throws(ClusterError) {
        settle(now: now)
        let entry = Entry(draft: draft, topic: topic, topicClass: topicClass, completion: completion)
        while isFull(for: entry), let oldest = entries.first, oldest.progress.isOver { removeFirst() }
        guard !isFull(for: entry) else { throw .busy(limit: entries.count) }
        push(entry)
    }

    /// Takes a draft that was delivered here while Redis is away; the oldest give way. Returns its sequence number.
    mutating func appendDelivered(_ draft: Draft, to topic: TopicName, class topicClass: TopicClass) -> UInt64 {
        var entry = Entry(draft: draft, topic: topic, topicClass: topicClass)
        entry.isDelivered = true
        while isFull(for: entry), let oldest = entries.first {
            if !oldest.progress.isOver { dropped += 1 }
            removeFirst()
        }
        push(entry)
        return first + UInt64(entries.count) - 1
    }

    private func isFull(for entry: Entry) -> Bool {
        !entries.isEmpty && (entries.count >= maximumCount || bytes + entry.size > maximumBytes)
    }

    private mutating func push(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.size
    }

    private mutating func removeFirst() {
        bytes -= entries.removeFirst().size
        first += 1
        next = max(next, first)
    }

    /// Forgets what went through long enough ago.
    mutating func settle(now: ContinuousClock.Instant) {
        while let oldest = entries.first {
            switch oldest.progress {
            case .refused: removeFirst()
            case .settled(let time) where now - time >= settleTime: removeFirst()
            default: return
            }
        }
    }

    /// The next entries to send, oldest first and `limit` at most.
    mutating func takeNext(_ limit: Int) -> [(sequence: UInt64, entry: Entry)] {
        var taken: [(sequence: UInt64, entry: Entry)] = []
        while taken.count < limit, let index = index(of: next) {
            if entries[index].progress == .waiting {
                entries[index].progress = .sent
                taken.append((next, entries[index]))
            }
            next += 1
        }
        return taken
    }

    /// An entry was not carried out and is to be sent again.
    mutating func undo(from sequence: UInt64) {
        guard let index = index(of: sequence), entries[index].progress == .sent else { return }
        entries[index].progress = .waiting
        next = min(next, sequence)
    }

    /// Redis has taken an entry, as its answer or the channel tells; returns whom to tell.
    mutating func stored(_ sequence: UInt64) -> Completion? {
        guard let index = index(of: sequence) else { return nil }
        if entries[index].progress == .sent { entries[index].progress = .stored }
        return takeCompletion(index)
    }

    /// Redis has refused an entry, as a duplicate or for want of room; returns whom to tell.
    mutating func refused(_ sequence: UInt64) -> Completion? {
        guard let index = index(of: sequence) else { return nil }
        entries[index].progress = .refused
        return takeCompletion(index)
    }

    /// An entry came back over the channel and has reached the subscribers, now or before.
    mutating func settled(_ sequence: UInt64, now: ContinuousClock.Instant) {
        guard let index = index(of: sequence) else { return }
        entries[index].progress = .settled(now)
        entries[index].isDelivered = true
    }

    private mutating func takeCompletion(_ index: Int) -> Completion? {
        defer { entries[index].completion = nil }
        return entries[index].completion
    }

    /// Redis is away: returns what the subscribers of this node do not have yet and are to get now.
    mutating func takeUndelivered() -> [(sequence: UInt64, draft: Draft, topic: TopicName, completion: Completion?)] {
        var undelivered: [(sequence: UInt64, draft: Draft, topic: TopicName, completion: Completion?)] = []
        for index in entries.indices where !entries[index].isDelivered && !entries[index].progress.isOver {
            entries[index].isDelivered = true
            let entry = entries[index]
            undelivered.append((first + UInt64(index), entry.draft, entry.topic, takeCompletion(index)))
        }
        return undelivered
    }

    /// Redis is back: what is not known to have gone through is sent again; if Redis lost its data, also what went
    /// through lately.
    mutating func resend(hasLostData: Bool) {
        for index in entries.indices {
            switch entries[index].progress {
            case .sent, .stored: entries[index].progress = .waiting
            case .settled where hasLostData: entries[index].progress = .waiting
            default: break
            }
        }
        next = first
        dropped = 0
    }

    /// The node stops: returns all who wait.
    mutating func removeAll() -> [Completion] {
        defer { entries = [] }
        return entries.compactMap(\.completion)
    }
}
