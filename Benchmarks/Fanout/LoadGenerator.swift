import CEpoll
import Glibc

/// Many WebSocket clients of one server in one thread: subscribers that count what they are sent, and one publisher.
///
/// It is to cost far less than the server it loads. So it speaks to epoll itself, reads every socket into one buffer,
/// hops from frame to frame by their headers and looks only at the number of each message. While it waits for
/// deliveries it does not sleep, so that waking it is no part of what the server does.
struct LoadGenerator: ~Copyable {
    struct Client {
        enum State { case closed, connecting, upgrading, waiting, ready }
        enum Role { case subscriber, publisher, stalled }

        var socket: Int32 = -1
        var state = State.closed
        var role = Role.subscriber
        /// Tells events of this socket from those of one that was in its place before.
        var generation: UInt32 = 0
        /// The number of the message that comes next; negative until the first has come.
        var next = -1
        /// Whether part of a frame is kept in `carried`.
        var hasCarry = false
    }

    /// What the clients have seen since `counts` was last made anew.
    struct Counts {
        var deliveries = 0
        /// Messages that a subscriber should have got and did not.
        var lost = 0
        var duplicates = 0
        /// Connections that the server closed.
        var closed = 0
    }

    /// As many messages can be on their way before their times are forgotten.
    static let ring = 1 << 16
    static let readSize = 1 << 20

    let target: TargetOptions
    let epoll: Int32
    var clients: [Client] = []
    /// The ends of reads that stopped inside a frame, by client.
    var carried: [Int: [UInt8]] = [:]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * readSize, alignment: 64)
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: 1024)

    var subscribers = 0
    var shaking = 0
    var ready = 0
    var opened = 0

    var counts = Counts()
    var latency = LatencyHistogram()
    /// By number modulo `ring`: when a message was published, and how many subscribers have yet to get it.
    var publishedAt = [UInt64](repeating: 0, count: ring)
    var remaining = [Int](repeating: 0, count: ring)
    var published = 0
    var finished = 0
    /// The publication that is sent with ever new digits, and what of it has not been sent yet.
    var template: Publication
    var unsent: [UInt8] = []
    /// Where the number stood in the last delivery, and how long the frame of the last delivery read in full was.
    var numberOffset = 0
    var deliverySize = 0
    /// Nanoseconds spent on what has come, and not waiting for it.
    var busy: UInt64 = 0
    /// Why the load cannot go on.
    var failure: String?

    init(target: TargetOptions) throws {
        self.target = target
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        template = target.wire.publication(padding: 0)
        guard epoll >= 0 else { throw LoadError.system("cannot make an epoll") }
    }

    deinit {
        for client in clients where client.state != .closed { Socket.close(client.socket) }
        close(epoll)
        buffer.deallocate()
        events.deallocate()
    }

    /// Waits at most `timeout` milliseconds for sockets, handles what has come and sends what is due.
    mutating func turn(timeout: Int32) throws {
        let count = epoll_wait(
            epoll,
            events.baseAddress,
            Int32(events.count),
            unsent.isEmpty ? timeout : min(timeout, 1)
        )
        guard count >= 0 || errno == EINTR else { throw LoadError.system("cannot wait for sockets") }
        let began = count > 0 ? monotonicNow() : 0
        for event in 0..<max(0, Int(count)) {
            let index = Int(events[event].data.u64 & 0xFFFF_FFFF)
            let generation = UInt32(events[event].data.u64 >> 32)
            guard clients[index].generation == generation else { continue }
            switch clients[index].state {
            case .closed: break
            case .connecting: try connected(index)
            case .upgrading, .waiting, .ready: read(index)
            }
        }
        flush()
        if count > 0 { busy += monotonicNow() - began }
        if let failure { throw LoadError(failure) }
    }
}
