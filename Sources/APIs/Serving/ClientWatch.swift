public import NIOCore
import Synchronization

/// Notices when the client of a request goes away, so that work nobody waits for is given up.
///
/// A client that only ends its sending is taken to be gone too, and so is one that has gone away before the watch began.
public final class ClientWatch: Sendable {
    private let channel: any Channel
    private let handler: DisconnectHandler

    /// Begins to watch the connection of a request.
    public init(_ channel: any Channel) {
        self.channel = channel
        let handler = DisconnectHandler()
        self.handler = handler
        channel.eventLoop.execute {
            do {
                try channel.pipeline.syncOperations.addHandler(handler, position: .first)
            } catch {
                // The connection has ended already, and its pipeline with it.
                handler.disconnection.raise()
            }
        }
    }

    deinit {
        channel.eventLoop.execute { [channel, handler] in
            channel.pipeline.syncOperations.removeHandler(handler, promise: nil)
        }
    }

    /// Does `work`. Cancels it and throws `CancellationError` when the client goes away first, else throws what the work
    /// throws.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await self.handler.disconnection.untilRaised()
                throw CancellationError()
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}

/// Tells of the end of a connection, or of the client's half of it.
private final class DisconnectHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = NIOAny

    let disconnection = Signal()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { disconnection.raise() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        disconnection.raise()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A pipeline that ends takes its handlers out; after the end of a watch nobody waits.
        disconnection.raise()
    }
}

/// Something that happens once and that any number of tasks wait for.
private final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    func raise() {
        let waiters = state.withLock { state in
            state.isRaised = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when it has happened, or when the task is cancelled.
    func untilRaised() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // A cancellation from here on finds the waiter in the table.
                    guard !state.isRaised, !Task.isCancelled else { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}
