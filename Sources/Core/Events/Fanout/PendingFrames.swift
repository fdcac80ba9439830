import NIOCore
import WebSocket

/// Frames for one subscriber alone that leave at the end of the tick.
struct PendingFrames {
    private(set) var frames = ByteBuffer()
    private(set) var count = 0
    private(set) var isDroppable = true
    private var tallies: [Tally] = []

    var isEmpty: Bool { count == 0 }
    var bytes: Int { frames.readableBytes }

    mutating func append(_ envelope: EncodedEnvelope, for id: ConnectionID, isDroppable: Bool, _ tally: Tally?) {
        envelope.writeFrame(for: id, into: &frames)
        count += 1
        self.isDroppable = self.isDroppable && isDroppable
        if let tally { tallies.append(tally) }
    }

    /// Tells how sending them went.
    func tell(_ outcome: SendOutcome) {
        for tally in tallies { tally.add(queued: outcome.isAccepted ? 1 : 0, dropped: outcome.isAccepted ? 0 : 1) }
    }
}
