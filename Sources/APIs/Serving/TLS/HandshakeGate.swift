import NIOCore

/// The first handler of a TLS connection, before the one that decrypts.
///
/// Answers clients that send HTTP in the clear, so that they learn what is wrong; anything else that is no TLS is closed
/// without a word. It also closes the connection at once, where the handler of TLS would wait for the client to agree.
final class HandshakeGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// No byte has come.
        case waiting
        case open
        case refused
    }

    /// The first byte of a handshake record (RFC 8446, 5.1).
    private static let handshake: UInt8 = 22
    /// The names of all methods begin with one of these.
    private static let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")

    private var state = State.waiting
    private var context: ChannelHandlerContext?

    /// Closes the connection; what the kernel has not taken is lost.
    func close() {
        context?.close(promise: nil)
    }

    /// Leaves the pipeline.
    func leave() {
        guard let context else { return }
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .waiting = state {
            let bytes = unwrapInboundIn(data)
            guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
            state = first == Self.handshake ? .open : .refused
            if case .refused = state { refuse(context, inWords: Self.letters.contains(first)) }
        }
        if case .open = state { context.fireChannelRead(data) }
    }

    private func refuse(_ context: ChannelHandlerContext, inWords: Bool) {
        // What else the client sends must not take the answer back.
        guard inWords, (try? context.pipeline.syncOperations.addHandler(LingeringClose(), position: .first)) != nil
        else {
            return context.close(promise: nil)
        }
        let text = "This port speaks TLS only: write https:// in place of http://, and wss:// in place of ws://.\n"
        let answer = """
            HTTP/1.1 400 Bad Request\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: \(text.utf8.count)\r
            Connection: close\r
            \r
            \(text)
            """
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            guard case .success = result else { return context.close(promise: nil) }
            context.triggerUserOutboundEvent(LingeringClose.Begin(), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: written)
    }
}
