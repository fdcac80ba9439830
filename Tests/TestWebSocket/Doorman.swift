import NIOCore
import WebSocket

/// Answers the opening handshake of one connection and hands its socket over.
final class Doorman: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let sockets: WebSocketServer
    private let subprotocols: [String]
    private let greeting: ByteBuffer
    private let makeDelegate: TestServer.MakeDelegate
    private var admission: Admission?
    private var received = ByteBuffer()
    private var isDone = false

    init(
        sockets: WebSocketServer,
        subprotocols: [String],
        greeting: ByteBuffer,
        makeDelegate: @escaping TestServer.MakeDelegate
    ) {
        self.sockets = sockets
        self.subprotocols = subprotocols
        self.greeting = greeting
        self.makeDelegate = makeDelegate
    }

    func channelActive(context: ChannelHandlerContext) {
        admission = try? sockets.admit(context.remoteAddress?.ipAddress ?? "")
    }

    func channelInactive(context: ChannelHandlerContext) {
        admission = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        let text = String(buffer: received)
        guard !isDone, let end = text.range(of: "\r\n\r\n") else { return }
        isDone = true
        let head = text[..<end.lowerBound].split(separator: "\r\n")
        received.moveReaderIndex(forwardBy: text[..<end.upperBound].utf8.count)
        answer(head.map(String.init), context)
    }

    private func answer(_ head: [String], _ context: ChannelHandlerContext) {
        let method = String(head[0].prefix { $0 != " " })
        var fields: [String: String] = [:]
        for line in head.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        guard let admission, let request = try? Handshake.check(method: method, header: { fields[$0.lowercased()] })
        else { return refuse(context) }
        self.admission = nil
        let compression = sockets.options.compression.flatMap {
            CompressionParameters.negotiate(offers: request.extensions, options: $0)
        }
        let lines = request.responseHeaders(
            subprotocol: Handshake.chooseProtocol(offered: request.protocols, supported: subprotocols),
            extensions: compression?.response
        )
        let response = lines.reduce("HTTP/1.1 101 Switching Protocols\r\n") { $0 + "\($1.name): \($1.value)\r\n" }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { [self] in
            guard let socket = UpgradedSocket(takenFrom: context, leftovers: received) else { return }
            sockets.adopt(
                socket,
                compression: compression?.parameters,
                admission: admission,
                makeDelegate: makeDelegate
            )
        }
        var bytes = ByteBuffer(string: response + "\r\n")
        bytes.writeImmutableBuffer(greeting)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: written)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let body = "No place."
        let response =
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: response)), promise: written)
    }
}

extension String {
    /// The first place where `other` stands.
    fileprivate func range(of other: String) -> Range<String.Index>? {
        let (bytes, wanted) = (utf8, Array(other.utf8))
        var start = bytes.startIndex
        while start < bytes.endIndex {
            if bytes[start...].starts(with: wanted) {
                return start..<bytes.index(start, offsetBy: wanted.count)
            }
            bytes.formIndex(after: &start)
        }
        return nil
    }
}
