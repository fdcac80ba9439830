public import NIOCore

/// The encoded frames that wait for a connection to become writable, in order and within a cap.
///
/// Over the cap the oldest droppable frames go first, in the end the new one itself when it is droppable. An empty
/// queue holds no memory but its own.
public struct OutboundQueue: Sendable {
    /// What became of an appended frame.
    public enum Outcome: Sendable, Equatable {
        /// It waits with the others.
        case queued
        /// It waits, and so many older frames were dropped to keep the cap.
        case dropped(Int)
        /// It was dropped itself, for what waits must not be.
        case refused
        /// It does not fit and must not be dropped: close the connection. The queue is as before.
        case overflow
    }

    private struct Entry: Sendable {
        var frame: ByteBuffer
        var isDroppable: Bool
        var isForced = false
    }

    /// The cap in bytes.
    public let maxBytes: Int
    /// The cap in frames, which bounds what small frames cost beside their bytes.
    public let maxFrames: Int
    /// Bytes that wait.
    public private(set) var bytes = 0
    /// Frames that wait.
    public private(set) var count = 0
    /// Bytes that wait and were put there whatever the cap says.
    public private(set) var forcedBytes = 0
    /// Frames that wait and were put there whatever the cap says.
    public private(set) var forcedCount = 0
    /// Frames dropped so far.
    public private(set) var dropped = 0

    /// Waiting frames from `head` on; nil where one was dropped.
    private var entries = ContiguousArray<Entry?>()
    private var head = 0
    /// No droppable frame waits before this index.
    private var scan = 0
    private var droppableBytes = 0
    private var droppableCount = 0

    /// An empty queue; by default for 1 MiB and 4096 frames.
    public init(maxBytes: Int = 1 << 20, maxFrames: Int = 4096) {
        self.maxBytes = max(0, maxBytes)
        self.maxFrames = max(1, maxFrames)
    }

    /// Places held, gaps included.
    var slots: Int { entries.count }

    /// Whether nothing waits.
    public var isEmpty: Bool { count == 0 }

    /// Puts a frame at the end.
    /// - Parameter droppable: whether the receiver can do without the frame or get it another way.
    public mutating func append(_ frame: ByteBuffer, droppable: Bool) -> Outcome {
        let size = frame.readableBytes
        guard !fits(size) else {
            push(Entry(frame: frame, isDroppable: droppable))
            return .queued
        }
        guard bytes - droppableBytes + size <= maxBytes, count - droppableCount < maxFrames else {
            guard droppable else { return .overflow }
            dropped += 1
            return .refused
        }
        let before = dropped
        while !fits(size), dropOldest() {}
        push(Entry(frame: frame, isDroppable: droppable))
        return .dropped(dropped - before)
    }

    /// Puts a frame at the end whatever the cap says.
    public mutating func force(_ frame: ByteBuffer) {
        push(Entry(frame: frame, isDroppable: false, isForced: true))
    }

    /// Takes the frame that waits longest; nil when there is none.
    public mutating func popFirst() -> ByteBuffer? {
        while head < entries.count {
            let entry = entries[head]
            entries[head] = nil
            head += 1
            guard let entry else { continue }
            remove(entry)
            compact()
            return entry.frame
        }
        return nil
    }

    /// Forgets all waiting frames, without counting them as dropped.
    public mutating func removeAll() {
        entries = []
        (head, scan, bytes, count, droppableBytes, droppableCount) = (0, 0, 0, 0, 0, 0)
        (forcedBytes, forcedCount) = (0, 0)
    }

    private func fits(_ size: Int) -> Bool {
        bytes + size <= maxBytes && count < maxFrames
    }

    private mutating func push(_ entry: Entry) {
        entries.append(entry)
        count += 1
        bytes += entry.frame.readableBytes
        if entry.isDroppable {
            droppableCount += 1
            droppableBytes += entry.frame.readableBytes
        }
        if entry.isForced {
            forcedCount += 1
            forcedBytes += entry.frame.readableBytes
        }
    }

    private mutating func remove(_ entry: Entry) {
        count -= 1
        bytes -= entry.frame.readableBytes
        if entry.isDroppable {
            droppableCount -= 1
            droppableBytes -= entry.frame.readableBytes
        }
        if entry.isForced {
            forcedCount -= 1
            forcedBytes -= entry.frame.readableBytes
        }
    }

    /// Drops the oldest frame that may be dropped; false if there is none.
    private mutating func dropOldest() -> Bool {
        scan = max(scan, head)
        while scan < entries.count {
            if let entry = entries[scan], entry.isDroppable {
                entries[scan] = nil
                remove(entry)
                dropped += 1
                compact()
                return true
            }
            scan += 1
        }
        return false
    }

    /// Removes the gaps once they are the larger part, which makes each removal cost the same on average.
    private mutating func compact() {
        if count == 0 {
            removeAll()
        } else if entries.count >= 32, entries.count > 2 * count {
            let gapsBeforeScan = entries[..<min(scan, entries.count)].count { $0 == nil }
            entries.removeAll { $0 == nil }
            scan = max(0, scan - gapsBeforeScan)
            head = 0
        }
    }
}
