public import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// A connection that was kept from an earlier request ended as soon as it was used again, before a byte of the answer came.
///
/// Servers end connections that were quiet for too long, at times just when they are used again, so this is the one
/// early end after which a request may be sent once more.
public struct KeptConnectionEnded: Error, Equatable {
    /// Such an end.
    public init() {}
}

extension HTTPClient.Configuration {
    /// Has requests fail with `KeptConnectionEnded` where that is what happened; other early ends keep their errors.
    ///
    /// HTTP/1.1 only: the streams of an HTTP/2 connection say nothing of the kind.
    public mutating func tellKeptConnections() {
        httpVersion = .http1Only
        // The one place where a client lets others at its connections.
        http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.submit {
                let pipeline = channel.pipeline.syncOperations
                let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
                let watch = ConnectionWatch()
                try pipeline.addHandler(FirstByte(watch), position: .before(decoder))
                try pipeline.addHandler(watch, position: .after(decoder))
            }
        }
    }
}

extension HTTPClient {
    /// Whether a request that failed with `error` can have reached the server, at least in part. The client must have
    /// been configured by `tellKeptConnections`.
    public static func mayHaveSent(before error: any Error) -> Bool {
        switch error {
        case is KeptConnectionEnded, is NIOConnectionError: false
        // Of a connection that was closed before anything was written; later ends have other errors.
        case ChannelError.ioOnClosedChannel: false
        // An address in numbers is connected to without the errors of a name's.
        case let error as IOError: ![ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(error.errnoCode)
        case let error as HTTPClientError:
            ![.connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout].contains(error)
        default: true
        }
    }
}

/// What a connection has been used for.
struct ConnectionUse: Sendable {
    /// How soon after a request has begun an end is one that was under way before. A server that took the request ends the
    /// connection later, when it has waited too long for an answer.
    static let grace = TimeAmount.seconds(2)

    private var requests = 0
    private var isUnanswered = false
    private var began = NIODeadline.uptimeNanoseconds(0)

    /// Another request begins.
    mutating func requestBegan(at now: NIODeadline) {
        requests += 1
        isUnanswered = true
        began = now
    }

    /// Bytes of an answer came.
    mutating func answerBegan() {
        isUnanswered = false
    }

    /// What an end with `error` means to the request that is under way.
    func meaning(of error: any Error, at now: NIODeadline) -> any Error {
        if wasOver(at: now) { return KeptConnectionEnded() }
        // Once a request has begun, this no longer means that nothing was sent.
        if case ChannelError.ioOnClosedChannel = error { return HTTPClientError.remoteConnectionClosed }
        return error
    }

    /// What an end without an error means to the request that is under way; nil if nothing special.
    func meaningOfClose(at now: NIODeadline) -> (any Error)? {
        wasOver(at: now) ? KeptConnectionEnded() : nil
    }

    private func wasOver(at now: NIODeadline) -> Bool { isUnanswered && requests > 1 && now - began <= Self.grace }
}

/// Sits between the client and the coding of HTTP/1.1 and names the end of a kept connection.
private final class ConnectionWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private var use = ConnectionUse()

    func answerBegan() {
        use.answerBegan()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head = unwrapOutboundIn(data) { use.requestBegan(at: context.eventLoop.now) }
        guard let promise else { return context.write(data, promise: nil) }
        let loop = context.eventLoop
        let written = loop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            promise.completeWith(result.mapError { self.use.meaning(of: $0, at: loop.now) })
        }
        context.write(data, promise: written)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.fireErrorCaught(use.meaning(of: error, at: context.eventLoop.now))
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let error = use.meaningOfClose(at: context.eventLoop.now) { context.fireErrorCaught(error) }
        context.fireChannelInactive()
    }
}

/// Tells the watch of bytes that may not be a whole head of an answer yet.
private final class FirstByte: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let watch: ConnectionWatch

    init(_ watch: ConnectionWatch) {
        self.watch = watch
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watch.answerBegan()
        context.fireChannelRead(data)
    }
}
