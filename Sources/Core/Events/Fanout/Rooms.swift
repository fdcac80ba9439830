import NIOCore
import WebSocket

/// The rooms of one loop.
final class Rooms {
    /// Frames of so many bytes for one subscriber are written at once, also in the middle of a tick.
    private static let longestPending = 256 * 1024

    private var rooms: [Int: Room] = [:]
    /// Rooms with messages of this tick.
    private var dirtyRooms: [Int] = []
    /// Subscribers with messages of this tick for them alone.
    private var dirtySubscribers: [Subscriber] = []
    private var tallies: [Tally] = []
    private var scratch = FrameScratch()
    /// What became of this tick's messages so far.
    private var pass = FanoutPass()
    /// When the next pass may begin.
    var nextPass = NIODeadline.uptimeNanoseconds(0)
    /// Whether messages are being sent.
    var isDelivering = false

    func open(_ id: Int) -> Room {
        if let room = rooms[id] { return room }
        let room = Room()
        rooms[id] = room
        return room
    }

    func close(_ seat: Seat) {
        guard let room = rooms[seat.room] else { return }
        room.remove(seat)
        if room.isEmpty { rooms[seat.room] = nil }
    }

    /// Moves a seat among those whose messages are looked at one by one.
    func makeSpecial(_ seat: Seat) {
        guard let room = rooms[seat.room] else { return }
        room.remove(seat)
        room.add(seat, isPlain: false)
    }

    // MARK: Messages

    func append(_ item: OutletItem) {
        switch item {
        case .delivery(let delivery): append(delivery)
        case .presence(let id, _, let envelope):
            for seat in rooms[id]?.special ?? [] where seat.wantsPresence {
                append(envelope, to: seat.subscriber, isDroppable: false, nil)
            }
        }
    }

    private func append(_ delivery: Delivery) {
        let tally = delivery.report.map(Tally.init)
        if let tally { tallies.append(tally) }
        // A subscriber whose subscriptions match several times gets the message with its position, if one asks for that.
        let publication = delivery.origin?.publication
        var subject = FilterSubject(type: publication?.type ?? "", data: publication?.data ?? ByteBuffer())
        appendSpecial(delivery, &subject, tally, isPositioned: true)
        appendSpecial(delivery, &subject, tally, isPositioned: false)
        for id in delivery.rooms {
            guard let room = rooms[id], !room.plain.isEmpty else { continue }
            if !room.hasMessages { dirtyRooms.append(id) }
            room.append(delivery, tally)
            if room.isFull { pass += room.flush(&scratch) }
        }
    }

    private func appendSpecial(
        _ delivery: Delivery,
        _ subject: inout FilterSubject,
        _ tally: Tally?,
        isPositioned: Bool
    ) {
        var encoded: EncodedEnvelope?
        for id in delivery.rooms {
            for seat in rooms[id]?.special ?? [] where seat.isPositioned == isPositioned {
                guard takes(seat, delivery, &subject) else { continue }
                let envelope = encoded ?? (isPositioned ? delivery.positioned : delivery.envelope)
                encoded = envelope
                append(envelope, to: seat.subscriber, isDroppable: delivery.overflow == .dropOldest, tally)
            }
        }
    }

    /// Whether a message goes to a demanding seat: each subscriber gets it once, and only what it wants.
    private func takes(_ seat: Seat, _ delivery: Delivery, _ subject: inout FilterSubject) -> Bool {
        guard seat.subscriber.lastSerial != delivery.serial else { return false }
        if let filter = seat.filter, !filter.matches(&subject) { return false }
        seat.subscriber.lastSerial = delivery.serial
        return true
    }

    private func append(
        _ envelope: EncodedEnvelope,
        to subscriber: Subscriber,
        isDroppable: Bool,
        _ tally: Tally?
    ) {
        guard subscriber.connection.takesPlainFrames else {
            let outcome = subscriber.send(envelope)
            pass.count(1, outcome)
            tally?.add(queued: outcome.isAccepted ? 1 : 0, dropped: outcome.isAccepted ? 0 : 1)
            return
        }
        if subscriber.pending.isEmpty { dirtySubscribers.append(subscriber) }
        subscriber.pending.append(envelope, for: subscriber.id, isDroppable: isDroppable, tally)
        if subscriber.pending.bytes >= Self.longestPending { flush(subscriber) }
    }

    private func flush(_ subscriber: Subscriber) {
        guard !subscriber.pending.isEmpty else { return }
        let pending = subscriber.pending
        subscriber.pending = PendingFrames()
        let outcome = subscriber.connection.write(pending.frames, droppable: pending.isDroppable)
        pass.count(pending.count, outcome)
        pending.tell(outcome)
    }

    /// Sends the messages of this tick, and returns how that went.
    func flush() -> FanoutPass {
        for id in dirtyRooms {
            guard let room = rooms[id] else { continue }
            pass += room.flush(&scratch)
            if room.isEmpty { rooms[id] = nil }
        }
        dirtyRooms.removeAll(keepingCapacity: true)
        for subscriber in dirtySubscribers { flush(subscriber) }
        dirtySubscribers.removeAll(keepingCapacity: true)
        for tally in tallies { tally.tell() }
        tallies.removeAll(keepingCapacity: true)
        scratch.clear()
        defer { pass = FanoutPass() }
        return pass
    }
}
