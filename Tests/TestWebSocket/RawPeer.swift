public import NIOCore
public import NIOPosix
public import WebSocket

/// A client that does nothing by itself: it answers neither pings nor close frames and reads only when told.
public final class RawPeer {
    private var machine = WebSocketMachine(
        role: .client,
        limits: WebSocketLimits(maxFrameBytes: 64 << 20, maxMessageBytes: 64 << 20)
    )
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Asks for a WebSocket, with these bytes right behind the request, and returns the status of the answer.
    @discardableResult
    public func open(followedBy bytes: ByteBuffer = ByteBuffer()) async throws -> Int? {
        let fields = ClientHandshake().requestHeaders.map { "\($0.name): \($0.value)\r\n" }.joined()
        var request = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
        request.writeImmutableBuffer(bytes)
        try await outbound.write(request)
        var head: [UInt8] = []
        while let bytes = try await inbound.next(isolation: #isolation) {
            head += bytes.readableBytesView
            guard let end = (0..<head.count).first(where: { head[$0...].starts(with: Array("\r\n\r\n".utf8)) })
            else { continue }
            machine.receive(ByteBuffer(bytes: head[(end + 4)...]))
            return Int(String(decoding: head[..<end], as: UTF8.self).dropFirst(9).prefix(3))
        }
        return nil
    }

    /// Writes bytes.
    public func send(_ bytes: ByteBuffer) async throws { try await outbound.write(bytes) }

    /// Writes a message.
    public func send(_ text: String) async throws {
        guard let frame = machine.frame(.text(ByteBuffer(string: text))) else { return }
        try await outbound.write(frame)
    }

    /// A message as it goes over the wire.
    public func frame(_ text: String) -> ByteBuffer {
        machine.frame(.text(ByteBuffer(string: text))) ?? ByteBuffer()
    }

    /// Reads until the next thing comes; nil at the end. Throws when the connection is reset.
    public func next() async throws -> WebSocketMachine.Action? {
        while true {
            if let action = machine.next() { return action }
            guard let bytes = try await inbound.next(isolation: #isolation) else { return nil }
            machine.receive(bytes)
        }
    }

    /// Reads until the next text comes; nil when something else does.
    public func text() async throws -> String? {
        guard case .message(.text(let text)) = try await next() else { return nil }
        return String(buffer: text)
    }
}

/// Connects to a server for the time of the body, without asking for a WebSocket yet. The kernel takes about
/// `receiveBuffer` bytes while the peer does not read.
public func withRawPeer<Result: Sendable>(
    of server: TestServer,
    on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    receiveBuffer: Int = 4096,
    body: (RawPeer) async throws -> Result
) async throws -> Result {
    let channel = try await ClientBootstrap(group: group)
        .channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
        .connect(host: "127.0.0.1", port: server.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2))
                )
            }
        }
    return try await channel.executeThenClose { inbound, outbound in
        try await body(RawPeer(inbound: inbound.makeAsyncIterator(), outbound: outbound))
    }
}
