import AsyncHTTPClient
import NIOCore
import Synchronization

/// Tells when a request has a connection: a client asks for the body only once there is one to send it on.
final class ConnectionProbe: Sendable {
    private let asked = Atomic<Bool>(false)

    /// Whether the request is being sent.
    var isConnected: Bool { asked.load(ordering: .acquiring) }

    /// `bytes` as a body that reports here when it is sent.
    func body(_ bytes: ByteBuffer) -> HTTPClientRequest.Body {
        .stream(Body(probe: self, bytes: bytes), length: .known(Int64(bytes.readableBytes)))
    }

    private struct Body: AsyncSequence, Sendable {
        let probe: ConnectionProbe
        let bytes: ByteBuffer

        func makeAsyncIterator() -> Iterator { Iterator(probe: probe, bytes: bytes) }

        struct Iterator: AsyncIteratorProtocol {
            let probe: ConnectionProbe
            var bytes: ByteBuffer?

            mutating func next() async -> ByteBuffer? {
                probe.asked.store(true, ordering: .releasing)
                return bytes.take()
            }
        }
    }
}
