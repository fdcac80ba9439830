import NIOCore
import WebSocket

/// The rooms of one loop.
final class Rooms {
    private var rooms: [Int: Room] = [:]
    /// Rooms with messages of this tick.
    private var dirtyRooms: [Int] = []
    /// Subscribers with messages of this tick for them alone.
    private var dirtySubscribers: [Subscriber] = []
    private var tallies: [Tally] = []

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
                append(envelope, to: seat.subscriber, isDroppable: false)
            }
        }
    }

    private func append(_ delivery: Delivery) {
        let tally = delivery.report.map(Tally.init)
        if let tally { tallies.append(tally) }
        var positioned: EncodedEnvelope?
        for id in delivery.rooms {
            guard let room = rooms[id] else { continue }
            if !room.plain.isEmpty {
                if !room.hasFrames { dirtyRooms.append(id) }
                room.append(delivery, tally)
            }
            for seat in room.special where takes(seat, delivery) {
                var envelope = delivery.envelope
                if seat.isPositioned {
                    envelope = positioned ?? delivery.positioned
                    positioned = envelope
                }
                append(envelope, to: seat.subscriber, isDroppable: delivery.overflow == .dropOldest)
                tally?.queued += 1
            }
        }
    }

    /// Whether a message goes to a demanding seat: each subscriber gets it once, and only what it wants.
    private func takes(_ seat: Seat, _ delivery: Delivery) -> Bool {
        guard seat.subscriber.lastSerial != delivery.serial else { return false }
        if let filter = seat.filter, let publication = delivery.origin?.publication,
            !filter.matches(type: publication.type, data: publication.data)
        {
            return false
        }
        seat.subscriber.lastSerial = delivery.serial
        return true
    }

    private func append(_ envelope: EncodedEnvelope, to subscriber: Subscriber, isDroppable: Bool) {
        guard subscriber.connection.takesPlainFrames else {
            subscriber.send(envelope)
            return
        }
        if subscriber.pending.readableBytes == 0 {
            dirtySubscribers.append(subscriber)
            subscriber.pendingIsDroppable = isDroppable
        }
        FrameEncoder.write(.text, envelope.text(for: subscriber.id), into: &subscriber.pending)
        subscriber.pendingIsDroppable = subscriber.pendingIsDroppable && isDroppable
    }

    /// Sends the messages of this tick.
    func flush() {
        for id in dirtyRooms {
            guard let room = rooms[id] else { continue }
            room.flush()
            if room.isEmpty { rooms[id] = nil }
        }
        dirtyRooms.removeAll(keepingCapacity: true)
        for subscriber in dirtySubscribers {
            let frames = subscriber.pending
            subscriber.pending = ByteBuffer()
            subscriber.connection.write(frames, droppable: subscriber.pendingIsDroppable)
        }
        dirtySubscribers.removeAll(keepingCapacity: true)
        for tally in tallies { tally.collector.add(queued: tally.queued, dropped: tally.dropped) }
        tallies.removeAll(keepingCapacity: true)
    }
}

/// What one loop tells of one delivery.
final class Tally {
    let collector: ReportCollector
    var queued = 0
    var dropped = 0

    init(_ collector: ReportCollector) {
        self.collector = collector
    }
}
