import Foundation
import NIOCore
import NIOEmbedded
import Testing

@testable import Serving

@Suite struct HandshakeGateTests {
    private func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: HandshakeGate())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    @Test func `what begins as TLS passes, whatever follows`() throws {
        let channel = try channel()
        for bytes in [[22], [71, 69, 84]] as [[UInt8]] {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(bytes: bytes))
        }
        #expect(channel.isActive)
    }

    @Test func `HTTP in the clear is told what to write, and goes no further`() throws {
        let channel = try channel()
        try channel.writeInbound(ByteBuffer(string: "G"))
        try channel.writeInbound(ByteBuffer(string: "ET / HTTP/1.1\r\n\r\n"))
        let answer = try #require(try channel.readOutbound(as: ByteBuffer.self))
        let text = String(buffer: answer)
        #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && text.contains("https://"))
        #expect(text.contains("Content-Length: \(text.components(separatedBy: "\r\n\r\n")[1].utf8.count)\r\n"))
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
    }

    @Test(arguments: [[0], [13, 10], [128, 46, 1]] as [[UInt8]])
    func `anything else ends the connection without a word`(bytes: [UInt8]) throws {
        let channel = try channel()
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        #expect(!channel.isActive)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
    }
}
