import Glibc
import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import Serving

@Suite struct AcceptGateTests {
    private let channel = EmbeddedChannel()
    private let counter = ReadCounter()
    private let register = ConnectionRegister(total: 1, perAddress: 1, reserve: 0)

    init() throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try channel.pipeline.syncOperations.addHandlers(counter, AcceptGate(connections: register, logger: logger))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    @Test func `without a descriptor for a connection the socket is left alone for a while`() throws {
        // Not passed on: whoever takes connections would end.
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
        try channel.throwIfErrorCaught()
        #expect(autoRead == false)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(99))
        #expect(autoRead == false)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(autoRead == true)
    }

    @Test func `a connection that ends is worth a try at once`() throws {
        let other = EmbeddedChannel()
        let admission = register.admit(other)
        _ = try admission.wait()
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ENFILE, reason: "accept"))
        #expect(autoRead == false)
        _ = try other.finish()
        channel.embeddedEventLoop.run()
        #expect(autoRead == true)
    }

    @Test func `nobody is accepted while there is no place`() throws {
        let other = EmbeddedChannel()
        _ = try register.admit(other).wait()
        channel.read()
        #expect(counter.reads == 0)
        _ = try other.finish()
        channel.embeddedEventLoop.run()
        #expect(counter.reads == 1)
    }

    @Test func `after a failure the next try waits for a place too`() throws {
        let other = EmbeddedChannel()
        _ = try register.admit(other).wait()
        channel.read()
        channel.pipeline.fireErrorCaught(IOError(errnoCode: EMFILE, reason: "accept"))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(100))
        #expect(autoRead == false)
        #expect(counter.reads == 0)
        _ = try other.finish()
        channel.embeddedEventLoop.run()
        #expect(autoRead == true)
    }

    /// What the gate asked for last; an embedded channel does not tell what holds.
    private var autoRead: Bool? {
        channel.options.last { $0.option is ChannelOptions.Types.AutoReadOption }?.value as? Bool
    }

    @Test func `a connection has its place before the next one is accepted`() throws {
        let other = EmbeddedChannel()
        try channel.writeInbound(other as any Channel)
        #expect(register.isFull)
        #expect(register.count == 1)
        _ = try register.admit(other).wait()
        #expect(register.count == 1)
        _ = try other.finish()
        #expect(register.count == 0)
    }

    @Test func `other failures are everybody's`() {
        channel.pipeline.fireErrorCaught(ChannelError.inappropriateOperationForState)
        #expect(throws: ChannelError.inappropriateOperationForState) { try channel.throwIfErrorCaught() }
    }
}

private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = Never
    private(set) var reads = 0

    func read(context: ChannelHandlerContext) {
        reads += 1
        context.read()
    }
}
