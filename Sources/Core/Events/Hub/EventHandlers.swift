import Logging
public import NIOCore
import Synchronization

/// Handles a message of a client: its connection's identifier, and the whole message, a JSON object.
public typealias EventHandler = @Sendable (ConnectionID, ByteBuffer) async throws -> Void

/// What programs in this process do when a client sends a message of some type. Messages are handled in order.
final class EventHandlers: Sendable {
    private struct Inbound: Sendable {
        let type: String
        let id: ConnectionID
        let message: ByteBuffer
    }

    /// The most messages, and the most bytes of them, that wait to be handled.
    private static let limit = (messages: 1024, bytes: 16 << 20)

    private let waitingBytes = Atomic(0)
    private let handlers = Mutex<[String: [EventHandler]]>([:])
    private let inbound: AsyncStream<Inbound>
    private let intake: AsyncStream<Inbound>.Continuation

    init() {
        (inbound, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.limit.messages))
    }

    func register(_ handler: @escaping EventHandler, for type: EventType) {
        handlers.withLock { $0[type.rawValue, default: []].append(handler) }
    }

    /// Takes a message; false if too many wait already. One that nobody handles is nothing to wait for.
    func submit(_ type: String, from id: ConnectionID, _ message: ByteBuffer) -> Bool {
        guard handlers.withLock({ $0[type] != nil }) else { return true }
        let size = message.readableBytes
        guard waitingBytes.load(ordering: .relaxed) + size <= Self.limit.bytes else { return false }
        waitingBytes.add(size, ordering: .relaxed)
        guard case .dropped = intake.yield(Inbound(type: type, id: id, message: message)) else { return true }
        waitingBytes.subtract(size, ordering: .relaxed)
        return false
    }

    /// Calls handlers until the task is cancelled.
    func run(logger: Logger) async {
        for await inbound in inbound {
            waitingBytes.subtract(inbound.message.readableBytes, ordering: .relaxed)
            for handler in handlers.withLock({ $0[inbound.type] ?? [] }) {
                do {
                    try await handler(inbound.id, inbound.message)
                } catch {
                    logger.warning(
                        "an event handler failed",
                        metadata: ["type": "\(inbound.type)", "connection": "\(inbound.id)", "error": "\(error)"]
                    )
                }
            }
        }
    }
}
