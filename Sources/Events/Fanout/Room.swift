import NIOCore
import WebSocket

/// The subscribers to one pattern on one loop, and the messages of this tick for them.
///
/// Those who want every message as it is sit together: their messages of a tick are joined in one buffer, which is
/// written to each of them at once, with only the recipient's identifier changed in between.
final class Room {
    private(set) var plain: ContiguousArray<Seat> = []
    private(set) var special: ContiguousArray<Seat> = []
    /// The frames of this tick, each with room for an identifier.
    private var frames = ByteBuffer()
    /// Where the identifiers go.
    private var idPlaces: [Int] = []
    private var isDroppable = true
    private(set) var hasFrames = false
    private var tallies: [Tally] = []
    private var isFlushing = false
    private var departed: [Seat] = []

    var isEmpty: Bool { plain.isEmpty && special.isEmpty }

    // MARK: Seats

    func add(_ seat: Seat, isPlain: Bool) {
        seat.isPlain = isPlain
        if isPlain {
            seat.place = plain.count
            plain.append(seat)
        } else {
            seat.place = special.count
            special.append(seat)
        }
    }

    /// Takes a seat out. Connections may end while they are written to; their seats go when that is done.
    func remove(_ seat: Seat) {
        guard !isFlushing else { return departed.append(seat) }
        guard seat.place >= 0 else { return }
        if seat.isPlain {
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
        let envelope = delivery.envelope
        if !hasFrames {
            hasFrames = true
            frames.clear()
            isDroppable = true
        }
        let header = FrameEncoder.headerLength(payload: envelope.bytes.readableBytes, masked: false)
        if let idOffset = envelope.idOffset { idPlaces.append(frames.writerIndex + header + idOffset) }
        FrameEncoder.write(.text, envelope.bytes, into: &frames)
        isDroppable = isDroppable && delivery.overflow == .dropOldest
        if let tally { tallies.append(tally) }
    }

    /// Writes the messages of this tick to the plain seats.
    func flush() {
        guard hasFrames else { return }
        hasFrames = false
        isFlushing = true
        var dropped = 0
        // Set aside, so that the buffer is not shared while it is changed from one recipient to the next.
        var frames = ByteBuffer()
        swap(&frames, &self.frames)
        let idPlaces = idPlaces
        self.idPlaces.removeAll(keepingCapacity: true)
        for seat in plain {
            let subscriber = seat.subscriber
            for place in idPlaces { frames.set(subscriber.id, at: place) }
            if !subscriber.connection.write(frames, droppable: isDroppable).isAccepted { dropped += 1 }
        }
        for tally in tallies {
            tally.queued += plain.count - dropped
            tally.dropped += dropped
        }
        tallies.removeAll(keepingCapacity: true)
        // Kept for the next tick, unless it has grown beyond reason.
        if frames.capacity <= 1 << 20 { swap(&frames, &self.frames) }
        isFlushing = false
        for seat in departed { remove(seat) }
        departed.removeAll()
    }
}
