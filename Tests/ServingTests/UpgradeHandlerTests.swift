import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Serving

@Suite struct UpgradeHandlerTests {
    private func head(_ path: String, upgrade: Bool = false) -> HTTPRequestPart {
        var fields = HTTPFields()
        if upgrade { fields[.upgrade] = "websocket" }
        return .head(
            HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: path, headerFields: fields)
        )
    }

    private func statuses(_ channel: EmbeddedChannel) throws -> [(Int, connection: String?)] {
        var found: [(Int, connection: String?)] = []
        while let part = try channel.readOutbound(as: HTTPResponsePart.self) {
            if case .head(let head) = part { found.append((head.status.code, head.headerFields[.connection])) }
        }
        return found
    }

    @Test func `only the answer to the request for an upgrade ends the connection`() throws {
        let channel = EmbeddedChannel(handler: UpgradeHandler())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        // The client does not wait for the first answer.
        for part in [head("/a"), .end(nil), head("/ws", upgrade: true), .end(nil)] { try channel.writeInbound(part) }
        for part in [HTTPResponsePart.head(HTTPResponse(status: .ok)), .end(nil)] { try channel.writeOutbound(part) }
        let first = try statuses(channel)
        #expect(first.map(\.0) == [200] && first.first?.connection == nil)
        #expect(channel.isActive)
        for part in [HTTPResponsePart.head(HTTPResponse(status: .forbidden)), .end(nil)] {
            try channel.writeOutbound(part)
        }
        let second = try statuses(channel)
        #expect(second.map(\.0) == [403] && second.first?.connection == "close")
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }
}
