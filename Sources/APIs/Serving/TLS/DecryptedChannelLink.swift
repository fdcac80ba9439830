import Logging
import NIOCore
import NIOTLS

/// Joins a TLS connection with the channel of its requests: the last handler of the connection's pipeline, behind the one
/// that decrypts.
///
/// A client whose handshake is not done in time is given up.
final class DecryptedChannelLink: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    private let requests: DecryptedChannel
    private let gate: HandshakeGate
    private let limit: TimeAmount
    private let logger: Logger
    private(set) var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    private var isHandshakeDone = false
    private var isClosing = false
    /// Whether what comes is thrown away.
    var discards = false

    /// A link to the channel of `requests`, on a connection whose first handler is `gate`. The handshake may take as long as
    /// `limit`.
    init(to requests: DecryptedChannel, gate: HandshakeGate, limit: Duration, logger: Logger) {
        self.requests = requests
        self.gate = gate
        self.limit = TimeAmount(limit)
        self.logger = logger
    }

    /// Leaves nothing in the pipeline but the handler that encrypts; the channel of the requests is closed.
    func leave() {
        guard let context else { return }
        gate.leave()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Closes the connection: says so to the client, and does not wait until it agrees.
    func close() {
        isClosing = true
        context?.close(promise: nil)
        gate.close()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        requests.attach(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    func channelActive(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { self.close() }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            isHandshakeDone = true
            deadline?.cancel()
            requests.activate()
        } else {
            requests.pipeline.syncOperations.fireUserInboundEventTriggered(event)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !discards { requests.pipeline.syncOperations.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !discards { requests.pipeline.fireChannelReadComplete() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        requests.pipeline.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The handler of TLS calls every end for which it did not wait an error.
        guard !isClosing else { return }
        guard isHandshakeDone else {
            // The handler before this one closes the connection.
            return logger.debug("a TLS handshake failed", metadata: ["reason": "\(error)"])
        }
        requests.pipeline.fireErrorCaught(error)
    }

    /// Whoever handles the requests may not want more for now.
    func read(context: ChannelHandlerContext) {
        if isHandshakeDone, !discards { requests.pipeline.read() } else { context.read() }
    }

    private func end() {
        deadline?.cancel()
        requests.end()
        context = nil
    }
}
