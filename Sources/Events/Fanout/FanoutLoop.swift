public import NIOCore
import Synchronization
import WebSocket

/// The subscribers on one event loop.
///
/// What is published is put into its inbox from anywhere and sent in one go at the end of the loop's tick: the more is
/// published in a tick, the fewer system calls it takes. All but the inbox is to be used on the loop.
public final class FanoutLoop: Sendable {
    /// The loop.
    public let eventLoop: any EventLoop
    /// The room of all connections, for what goes to everyone.
    static let lobby = 0
    let index: Int
    private let size = Atomic(0)
    private let inbox = Mutex(Inbox())
    private let rooms: NIOLoopBoundBox<Rooms>

    private struct Inbox {
        var items: [OutletItem] = []
        var isScheduled = false
    }

    init(index: Int, eventLoop: any EventLoop) {
        self.index = index
        self.eventLoop = eventLoop
        rooms = .makeBoxSendingValue(Rooms(), eventLoop: eventLoop)
    }

    /// How many connections there are.
    var population: Int { size.load(ordering: .relaxed) }

    /// A connection is open.
    func enter(_ subscriber: Subscriber) {
        let seat = Seat(subscriber, room: Self.lobby, request: SubscriptionRequest(.all))
        subscriber.lobbySeat = seat
        rooms.value.open(Self.lobby).add(seat, isPlain: seat.isUndemanding)
        size.add(1, ordering: .relaxed)
    }

    /// A connection is gone.
    func exit(_ subscriber: Subscriber) {
        guard let seat = subscriber.lobbySeat else { return }
        subscriber.lobbySeat = nil
        rooms.value.close(seat)
        size.subtract(1, ordering: .relaxed)
    }

    /// Seats a subscriber; from the granted moment on it gets the room's messages.
    func seat(_ subscriber: Subscriber, _ grant: Grant, _ request: SubscriptionRequest) {
        let rooms = rooms.value
        // Those who sit already get what came before; the newcomer must not.
        deliver(takeItems(upTo: grant.serial))
        let seat = Seat(subscriber, room: grant.room, request: request)
        subscriber.seats.append((request.pattern, seat))
        let isAlone = !subscriber.hasOverlap
        rooms.open(grant.room).add(seat, isPlain: isAlone && seat.isUndemanding)
        guard !isAlone else { return }
        for (_, other) in subscriber.seats where other.isPlain { rooms.makeSpecial(other) }
    }

    /// Takes a subscriber's seat away.
    func unseat(_ subscriber: Subscriber, from pattern: TopicPattern) -> Bool {
        guard let index = subscriber.seats.firstIndex(where: { $0.pattern == pattern }) else { return false }
        rooms.value.close(subscriber.seats.remove(at: index).seat)
        return true
    }

    // MARK: Delivering

    /// Sends what waits for the end of the tick.
    func deliverNow() {
        deliver(takeItems(upTo: .max))
    }

    private func takeItems(upTo serial: UInt64? = nil) -> [OutletItem] {
        inbox.withLock { inbox in
            guard let serial else {
                inbox.isScheduled = false
                defer { inbox.items = [] }
                return inbox.items
            }
            let end = inbox.items.firstIndex { $0.serial > serial } ?? inbox.items.endIndex
            defer { inbox.items.removeFirst(end) }
            return Array(inbox.items[..<end])
        }
    }

    private func deliver(_ items: [OutletItem]) {
        guard !items.isEmpty else { return }
        let rooms = rooms.value
        for item in items { rooms.append(item) }
        rooms.flush()
    }
}

extension FanoutLoop: Outlet {
    func enqueue(_ item: OutletItem) {
        let mustSchedule = inbox.withLock { inbox in
            inbox.items.append(item)
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        guard mustSchedule else { return }
        eventLoop.execute { self.deliver(self.takeItems()) }
    }
}
