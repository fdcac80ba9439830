public import NIOCore
import Synchronization
import WebSocket

/// The subscribers on one event loop.
///
/// What is published is put into its inbox from anywhere and sent in one go at the end of the loop's tick: the more is
/// published in a tick, the fewer system calls it takes. A loop that has just written to many waits a little for more:
/// those who publish when they have seen the last message come in that time, and are served together from then on. All
/// but the inbox is to be used on the loop.
public final class FanoutLoop: Sendable {
    /// The loop.
    public let eventLoop: any EventLoop
    /// The room of all connections, for what goes to everyone.
    static let lobby = 0
    let index: Int
    private let size = Atomic(0)
    /// The bytes that wait in the inbox.
    private let backlog = Atomic(0)
    private let inbox = Mutex(Inbox())
    private let rooms: NIOLoopBoundBox<Rooms>
    private let observer: (any HubObserver)?

    private struct Inbox {
        var items: [OutletItem] = []
        var isScheduled = false
    }

    /// So many bytes may wait before publishers are told to come back later.
    private static let capacity = 64 << 20
    /// What part of the time of the last pass is waited for more, and at most how long.
    private static let pause = (part: Int64(40), longest: TimeAmount.milliseconds(1))

    init(index: Int, eventLoop: any EventLoop, observer: (any HubObserver)? = nil) {
        self.index = index
        self.eventLoop = eventLoop
        self.observer = observer
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

    /// Seats a subscriber; from the granted moment on it gets the room's messages. A seat that it has had for the same
    /// pattern is given up.
    func seat(_ subscriber: Subscriber, _ grant: Grant, _ request: SubscriptionRequest) {
        // Those who sit already get what came before; the newcomer must not.
        deliver(upTo: grant.serial)
        _ = unseat(subscriber, from: request.pattern)
        let rooms = rooms.value
        let seat = Seat(subscriber, room: grant.room, request: request)
        subscriber.seats.append((request.pattern, seat))
        let isAlone = !subscriber.hasOverlap
        rooms.open(grant.room).add(seat, isPlain: isAlone && seat.isUndemanding)
        guard !isAlone else { return }
        for (_, other) in subscriber.seats where other.isPlain { rooms.makeSpecial(other) }
    }

    /// Takes a subscriber's seat away. Returns it, if there was one.
    func unseat(_ subscriber: Subscriber, from pattern: TopicPattern) -> Seat? {
        guard let index = subscriber.seats.firstIndex(where: { $0.pattern == pattern }) else { return nil }
        let seat = subscriber.seats.remove(at: index).seat
        rooms.value.close(seat)
        return seat
    }

    // MARK: Delivering

    /// Whether publishers are to come back later.
    var isFull: Bool { backlog.load(ordering: .relaxed) >= Self.capacity }

    /// Puts an item away. Called while the hub is locked, so that all loops get items in the same order.
    func enqueue(_ item: OutletItem) {
        backlog.add(item.size, ordering: .relaxed)
        let mustSchedule = inbox.withLock { inbox in
            inbox.items.append(item)
            defer { inbox.isScheduled = true }
            return !inbox.isScheduled
        }
        guard mustSchedule else { return }
        eventLoop.execute { self.endTick() }
    }

    /// The loop's tick is over: sends what came in it, now or in a moment.
    private func endTick() {
        let earliest = rooms.value.nextPass
        guard earliest > .now() else { return deliver() }
        eventLoop.assumeIsolated().scheduleTask(deadline: earliest) { self.deliver() }
    }

    /// Sends what waits for the end of the tick.
    func deliverNow() {
        deliver(upTo: .max)
    }

    /// Sends what waits, up to an item.
    private func deliver(upTo serial: UInt64? = nil) {
        let rooms = rooms.value
        // What is being sent is finished first.
        guard !rooms.isDelivering else { return }
        let items = takeItems(upTo: serial)
        guard !items.isEmpty else { return }
        rooms.isDelivering = true
        let start = NIODeadline.now()
        for item in items { rooms.append(item) }
        let pass = rooms.flush()
        rooms.isDelivering = false
        backlog.subtract(items.reduce(0) { $0 + $1.size }, ordering: .relaxed)
        let end = NIODeadline.now()
        observer?.passed(pass, in: .nanoseconds((end - start).nanoseconds))
        let pause = TimeAmount.nanoseconds((end - start).nanoseconds / Self.pause.part)
        rooms.nextPass = end + min(pause, Self.pause.longest)
    }

    private func takeItems(upTo serial: UInt64?) -> [OutletItem] {
        inbox.withLock { inbox in
            guard let serial else {
                inbox.isScheduled = false
                var items: [OutletItem] = []
                swap(&items, &inbox.items)
                return items
            }
            let end = inbox.items.firstIndex { $0.serial > serial } ?? inbox.items.endIndex
            defer { inbox.items.removeFirst(end) }
            return Array(inbox.items[..<end])
        }
    }
}
