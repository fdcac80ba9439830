import NIOCore
import WebSocket

/// One message on its way to subscribers, encoded once for all of them.
final class Delivery: Sendable {
    /// Where a publication stands, and what it is.
    struct Origin: Sendable {
        let topic: TopicName
        let epoch: String
        let publication: Publication
    }

    /// Counts the items of a hub.
    let serial: UInt64
    /// What was published; nil for messages to everyone, which belong to no topic.
    let origin: Origin?
    /// The message with an identifier to be filled in for each recipient.
    let envelope: EncodedEnvelope
    /// The rooms whose subscribers get it.
    let rooms: [Int]
    /// What is done with it for subscribers that read too slowly.
    let overflow: Overflow
    /// Where each loop tells how it went, if somebody wants to know.
    let report: ReportCollector?

    init(
        serial: UInt64,
        origin: Origin?,
        envelope: EncodedEnvelope,
        rooms: [Int],
        overflow: Overflow,
        report: ReportCollector?
    ) {
        self.serial = serial
        self.origin = origin
        self.envelope = envelope
        self.rooms = rooms
        self.overflow = overflow
        self.report = report
    }

    /// The message with topic, offset and epoch.
    var positioned: EncodedEnvelope {
        guard let origin else { return envelope }
        return Envelope.encode(origin.publication, topic: origin.topic, epoch: origin.epoch)
    }
}

extension EncodedEnvelope {
    /// The text for one recipient.
    func text(for id: ConnectionID) -> ByteBuffer {
        var text = bytes
        text.set(id, at: text.readerIndex + idOffset)
        return text
    }

    /// Appends the frame for one recipient.
    func writeFrame(for id: ConnectionID, into frames: inout ByteBuffer) {
        let start = frames.writerIndex + FrameEncoder.headerLength(payload: bytes.readableBytes, masked: false)
        FrameEncoder.write(.text, bytes, into: &frames)
        frames.set(id, at: start + idOffset)
    }
}
