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

    /// The most messages that wait to be handled.
    private static let limit = 1024

    private let handlers = Mutex<[String: [EventHandler]]>([:])
    private let inbound: AsyncStream<Inbound>
    private let intake: AsyncStream<Inbound>.Continuation

    init() {
        (inbound, intake) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.limit))
    }

    func register(_ handler: @escaping EventHandler, for type: EventType) {
        handlers.withLock { $0[type.rawValue, default: []].append(handler) }
    }

    /// Takes a message; false if too many wait already. One that nobody handles is nothing to wait for.
    func submit(_ type: String, from id: ConnectionID, _ message: ByteBuffer) -> Bool {
        guard handlers.withLock({ $0[type] != nil }) else { return true }
        if case .dropped = intake.yield(Inbound(type: type, id: id, message: message)) { return false }
        return true
    }

    /// Calls handlers until the task is cancelled.
    func run(logger: Logger) async {
        for await inbound in inbound {
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
