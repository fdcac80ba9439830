import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Serving

@Suite struct BodyDeadlineTests {
    private let channel = EmbeddedChannel()
    private let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/")
    )

    init() throws {
        try channel.pipeline.syncOperations.addHandler(BodyDeadline(limit: .seconds(10)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    @Test func `who sends nothing more of a body is given up`() throws {
        try arrive(head)
        advance(9)
        try arrive(.body(ByteBuffer(string: "a")))
        #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
        advance(1)
        #expect(throws: BodyTimeout.self) { try channel.throwIfErrorCaught() }
        // There is a moment for an answer, whatever comes meanwhile.
        advance(4)
        #expect(channel.isActive)
        try arrive(.body(ByteBuffer(string: "a")))
        advance(1)
        #expect(!channel.isActive)
    }

    @Test func `who has sent all may wait for the answer, and for ever before the next request`() throws {
        try arrive(head)
        try arrive(.end(nil))
        advance(1000)
        #expect(channel.isActive)
        try arrive(head)
        advance(15)
        #expect(!channel.isActive)
    }

    @Test func `bytes that make no part are some of the body`() throws {
        try arrive(head)
        advance(9)
        channel.pipeline.fireChannelReadComplete()
        channel.read()
        #expect(channel.isActive)
    }

    @Test func `a body that drips has no more time than the limit in all`() throws {
        try arrive(head)
        for _ in 1...9 {
            advance(1)
            try arrive(.body(ByteBuffer(string: "a")))
        }
        #expect(throws: Never.self) { try channel.throwIfErrorCaught() }
        advance(1)
        #expect(throws: BodyTimeout.self) { try channel.throwIfErrorCaught() }
    }

    @Test func `every body has a time of its own`() throws {
        for _ in 1...5 {
            try arrive(head)
            advance(9)
            try arrive(.end(nil))
        }
        #expect(channel.isActive)
    }

    @Test func `who is not read from is not late`() throws {
        try channel.writeInbound(head)
        advance(1000)
        #expect(channel.isActive)
        channel.read()
        advance(15)
        #expect(!channel.isActive)
    }

    /// A part of a request arrives, and the server reads on.
    private func arrive(_ part: HTTPRequestPart) throws {
        try channel.writeInbound(part)
        channel.read()
    }

    private func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }
}
