/// The writes that wait for a transaction, and whose turn it is to run one.
///
/// At most one batch is out at a time. A batch takes what waits, up to `batchLimit`; what comes while it is being
/// committed makes the next one. So a lone write is committed at once, and under load one commit serves many.
struct WriteQueue<Write> {
    typealias ID = UInt64

    /// What becomes of an offered write.
    enum Admission: Equatable {
        /// It waits, and no batch is out: the caller must take one.
        case begin(ID)
        /// It waits for the batch after the one that is out.
        case wait(ID)
        /// The queue is full.
        case refuse(retryAfter: Duration)
        /// The queue takes no more writes.
        case closed
    }

    /// What follows the end of a batch.
    enum Next: Equatable {
        /// More writes wait: take the next batch.
        case takeAnother
        /// Nothing waits.
        case rest
    }

    private struct Entry {
        var id: ID
        var write: Write
    }

    private let capacity: Int
    private let batchLimit: Int
    private var waiting: [Entry] = []
    private var nextID: ID = 0
    private var isOut = false
    private var isClosed = false
    private var takenAt: ContinuousClock.Instant?
    /// How long a batch takes, smoothed; the first guess errs on the long side.
    private var batchDuration: Duration = .milliseconds(20)

    init(capacity: Int, batchLimit: Int) {
        self.capacity = max(1, capacity)
        self.batchLimit = max(1, batchLimit)
    }

    /// The number of writes that wait.
    var count: Int { waiting.count }

    /// Whether nothing waits and nothing is being committed.
    var isDrained: Bool { waiting.isEmpty && !isOut }

    /// Offers a write.
    mutating func enqueue(_ write: Write) -> Admission {
        guard !isClosed else { return .closed }
        guard waiting.count < capacity else { return .refuse(retryAfter: timeToDrain) }
        let id = nextID
        nextID += 1
        waiting.append(Entry(id: id, write: write))
        guard !isOut else { return .wait(id) }
        isOut = true
        return .begin(id)
    }

    /// Takes a write back; nil when it is in a batch already, and then its fate is the batch's.
    mutating func withdraw(_ id: ID) -> Write? {
        // Identifiers ascend, so the place is found by halving.
        var low = 0
        var high = waiting.count
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < waiting.count, waiting[low].id == id else { return nil }
        return waiting.remove(at: low).write
    }

    /// The writes of the next batch in the order they came; empty when all were withdrawn.
    mutating func take(now: ContinuousClock.Instant) -> [Write] {
        takenAt = now
        let batch = waiting.prefix(batchLimit).map(\.write)
        waiting.removeFirst(batch.count)
        return batch
    }

    /// The batch that was taken is committed or has failed.
    mutating func finish(now: ContinuousClock.Instant) -> Next {
        if let takenAt { batchDuration = (batchDuration * 7 + (now - takenAt)) / 8 }
        takenAt = nil
        isOut = !waiting.isEmpty
        return isOut ? .takeAnother : .rest
    }

    /// Takes no more writes; those that wait are still committed.
    mutating func close() {
        isClosed = true
    }

    private var timeToDrain: Duration {
        let batches = (waiting.count + batchLimit - 1) / batchLimit + 1
        return min(max(batchDuration * batches, .milliseconds(50)), .seconds(10))
    }
}
