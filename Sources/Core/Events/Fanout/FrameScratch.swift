import NIOCore
import WebSocket

/// A buffer for frames that go to many: only the recipient's identifier changes from one to the next.
struct FrameScratch {
    /// What is kept from tick to tick.
    private static let keptCapacity = 512 * 1024

    private var buffer = ByteBuffer()
    /// Where the identifiers go.
    private var places: [Int] = []

    mutating func clear() {
        if buffer.capacity <= Self.keptCapacity { buffer.clear() } else { buffer = ByteBuffer() }
        places.removeAll(keepingCapacity: true)
    }

    mutating func append(_ envelope: EncodedEnvelope) {
        let header = FrameEncoder.headerLength(payload: envelope.bytes.readableBytes, masked: false)
        places.append(buffer.writerIndex + header + envelope.idOffset)
        FrameEncoder.write(.text, envelope.bytes, into: &buffer)
    }

    /// Lends the frames as they lie in memory, with a way to change their recipient.
    mutating func lend(_ body: (_ frames: UnsafeRawBufferPointer, _ identify: (ConnectionID) -> Void) -> Void) {
        let places = places
        buffer.withUnsafeMutableReadableBytes { frames in
            body(UnsafeRawBufferPointer(frames)) { id in
                for place in places { id.write(to: frames, at: place) }
            }
        }
    }

    /// The frames for one recipient. To be used before those for the next are asked for, or they are copied.
    mutating func frames(for id: ConnectionID) -> ByteBuffer {
        for place in places { buffer.set(id, at: place) }
        return buffer
    }
}
