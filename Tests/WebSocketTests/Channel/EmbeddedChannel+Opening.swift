import NIOCore
import NIOEmbedded

@testable import WebSocket

extension EmbeddedChannel {
    /// Opens a server's connection on the channel, with a handler between it and the socket if there is one.
    func open(
        telling delegate: any WebSocketDelegate,
        behind handler: (any ChannelHandler)? = nil
    ) throws -> WebSocketConnection {
        let connection = WebSocketConnection(
            role: .server,
            options: WebSocketOptions(),
            compression: nil,
            group: WebSocketGroup(eventLoop: embeddedEventLoop, options: WebSocketOptions()),
            writesDirectly: false
        ) { _ in delegate }
        if let handler { try pipeline.syncOperations.addHandler(handler) }
        try pipeline.syncOperations.addHandler(connection)
        try connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return connection
    }
}
