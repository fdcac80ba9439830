import NIOCore
import WebSocket

/// The subscribers to one pattern on one loop, and the messages of this tick for them.
///
/// Those who want every message as it is sit together: their messages of a tick are joined in one buffer, which is
/// handed to the socket of each, with only the recipient's identifier changed in between.
final class Room {
    /// Messages of so many bytes are written at once, also in the middle of a tick.
    private static let longestJoin = 256 * 1024

    private(set) var plain: ContiguousArray<Seat> = []
    private(set) var special: ContiguousArray<Seat> = []
    /// What it takes to write to those in `plain`, in the same order.
    private var recipients: ContiguousArray<Recipient> = []
    /// Where the sockets of `recipients` are.
    private var sockets: DirectSockets?
    /// The messages of this tick for the plain seats.
    private var messages: [(envelope: EncodedEnvelope, tally: Tally?)] = []
    private var bytes = 0
    private var isDroppable = true
    private var isFlushing = false
    private var departed: [Seat] = []

    private struct Recipient {
        let id: ConnectionID
        /// The slot of the connection's socket; negative if it is not among the sockets of the room.
        let slot: Int32
    }

    var isEmpty: Bool { plain.isEmpty && special.isEmpty }
    var hasMessages: Bool { !messages.isEmpty }
    /// Whether there is as much to be written as should be at once.
    var isFull: Bool { bytes >= Self.longestJoin }

    // MARK: Seats

    func add(_ seat: Seat, isPlain: Bool) {
        assert(!isFlushing, "nobody is seated while connections are written to")
        seat.isPlain = isPlain
        if isPlain {
            seat.place = plain.count
            plain.append(seat)
            recipients.append(recipient(seat.subscriber))
        } else {
            seat.place = special.count
            special.append(seat)
        }
    }

    private func recipient(_ subscriber: Subscriber) -> Recipient {
        let connection = subscriber.connection
        if recipients.isEmpty { sockets = connection.sockets }
        return Recipient(id: subscriber.id, slot: connection.sockets === sockets ? connection.slot : -1)
    }

    /// Takes a seat out. Connections may end while they are written to; their seats go when that is done.
    func remove(_ seat: Seat) {
        guard !isFlushing else { return departed.append(seat) }
        guard seat.place >= 0 else { return }
        if seat.isPlain {
            recipients.swapAt(seat.place, recipients.count - 1)
            recipients.removeLast()
            Self.remove(seat, from: &plain)
        } else {
            Self.remove(seat, from: &special)
        }
        seat.place = -1
    }

    private static func remove(_ seat: Seat, from seats: inout ContiguousArray<Seat>) {
        let last = seats.removeLast()
        guard last !== seat else { return }
        seats[seat.place] = last
        last.place = seat.place
    }

    // MARK: Messages

    /// Adds a message for the plain seats.
    func append(_ delivery: Delivery, _ tally: Tally?) {
        isDroppable = (messages.isEmpty || isDroppable) && delivery.overflow == .dropOldest
        messages.append((delivery.envelope, tally))
        bytes += delivery.envelope.bytes.readableBytes
    }

    /// Writes the messages of this tick to the plain seats, by way of `scratch`, and returns how that went.
    func flush(_ scratch: inout FrameScratch) -> FanoutPass {
        var pass = FanoutPass()
        guard hasMessages else { return pass }
        scratch.clear()
        for (envelope, _) in messages { scratch.append(envelope) }
        let behind = writeDirectly(&scratch)
        isFlushing = true
        var dropped = 0
        for (index, sent) in behind {
            var frames = scratch.frames(for: recipients[index].id)
            frames.moveReaderIndex(forwardBy: sent)
            let outcome = plain[index].subscriber.connection.write(frames, droppable: isDroppable)
            if !outcome.isAccepted { dropped += 1 }
        }
        isFlushing = false
        for (_, tally) in messages { tally?.add(queued: plain.count - dropped, dropped: dropped) }
        pass.queued = messages.count * (plain.count - dropped)
        pass.dropped = messages.count * dropped
        messages.removeAll(keepingCapacity: messages.count <= 16)
        bytes = 0
        for seat in departed { remove(seat) }
        departed.removeAll()
        return pass
    }

    /// Hands the messages to all sockets. Returns whose did not take everything, and how many bytes those took. No
    /// connection does anything meanwhile.
    private func writeDirectly(_ scratch: inout FrameScratch) -> [(index: Int, sent: Int)] {
        guard let sockets else { return [] }
        let recipients = recipients
        var behind: [(Int, Int)] = []
        scratch.lend { frames, identify in
            for index in recipients.indices {
                identify(recipients[index].id)
                let sent = sockets.send(frames, to: recipients[index].slot)
                if sent < frames.count { behind.append((index, sent)) }
            }
        }
        return behind
    }
}
