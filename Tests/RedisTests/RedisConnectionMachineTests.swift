import NIOCore
import Testing

@testable import Redis

@Suite struct RedisConnectionMachineTests {
    private typealias Machine = RedisConnectionMachine<Int>

    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func ready(_ configuration: RedisConfiguration = .init(host: "h"), isSubscriber: Bool = false) -> Machine {
        var machine = Machine(configuration: configuration, isSubscriber: isSubscriber)
        _ = machine.opened()
        guard case .ready = machine.received(.map([])) else {
            Issue.record("not ready")
            return machine
        }
        return machine
    }

    private func text(_ command: RedisCommand?) -> String { command.map { String(buffer: $0.encoded) } ?? "" }

    private func bulk(_ text: String) -> RESPValue { .bulk(ByteBuffer(string: text)) }

    @Test func `greets with credentials and chooses the database`() throws {
        var machine = Machine(
            configuration: .init(host: "h", user: "me", password: "pw", database: 2),
            isSubscriber: false
        )
        #expect(
            text(machine.opened())
                == "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$2\r\npw\r\n"
        )
        guard case .send(let select) = machine.received(.map([])) else { return fail("no command") }
        #expect(text(select) == "*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n")
        guard case .ready = machine.received(.simple("OK")) else { return fail("not ready") }
    }

    @Test func `falls back to AUTH when HELLO is unknown`() throws {
        var machine = Machine(configuration: .init(host: "h", password: "pw", database: 2), isSubscriber: false)
        _ = machine.opened()
        guard case .send(let auth) = machine.received(.error("ERR unknown command `HELLO`, with args")) else {
            return fail("no AUTH")
        }
        #expect(text(auth) == "*2\r\n$4\r\nAUTH\r\n$2\r\npw\r\n")
        guard case .send(let select) = machine.received(.simple("OK")) else { return fail("no SELECT") }
        #expect(text(select).contains("SELECT"))
        guard case .ready = machine.received(.simple("OK")) else { return fail("not ready") }

        var plain = Machine(configuration: .init(host: "h"), isSubscriber: false)
        _ = plain.opened()
        guard case .ready = plain.received(.error("NOPROTO unsupported protocol version")) else {
            return fail("not ready")
        }
    }

    @Test func `gives up on a wrong password or database`() {
        for reply in ["WRONGPASS invalid username-password pair", "NOAUTH HELLO must be called"] {
            var machine = Machine(configuration: .init(host: "h", password: "pw"), isSubscriber: false)
            _ = machine.opened()
            guard case .close(.authenticationFailed) = machine.received(.error(reply)) else {
                Issue.record("went on after \(reply)")
                continue
            }
        }
        var machine = Machine(configuration: .init(host: "h", database: 99), isSubscriber: false)
        _ = machine.opened()
        _ = machine.received(.map([]))
        guard case .close(.connectFailed) = machine.received(.error("ERR DB index is out of range")) else {
            return fail("went on")
        }
    }

    @Test func `gives replies to requests in order and groups those of a pipeline`() throws {
        var machine = ready()
        try machine.request(1, command: "A", count: 1, bytes: 10, deadline: start)
        try machine.request(2, command: "B", count: 2, bytes: 10, deadline: start)
        guard case .reply(1, [.integer(1)]) = machine.received(.integer(1)) else { return fail("no reply") }
        guard case .none = machine.received(.integer(2)) else { return fail("too early") }
        guard case .reply(2, [.integer(2), .error("E")]) = machine.received(.error("E")) else {
            return fail("no reply")
        }
        #expect(machine.commandsInFlight == 0 && machine.bytesInFlight == 0)
        guard case .close(.badReply) = machine.received(.integer(3)) else { return fail("took a stray reply") }
    }

    @Test func `admits no more commands and bytes than its limits`() throws {
        var configuration = RedisConfiguration(host: "h")
        configuration.maximumCommandsInFlight = 2
        configuration.maximumBytesInFlight = 100
        var machine = ready(configuration)
        #expect(throws: RedisError.busy(limit: 2)) {
            try machine.request(1, command: "A", count: 3, bytes: 1, deadline: start)
        }
        #expect(throws: RedisError.busy(limit: 100)) {
            try machine.request(1, command: "A", count: 1, bytes: 101, deadline: start)
        }
        try machine.request(1, command: "A", count: 2, bytes: 100, deadline: start)
        #expect(throws: RedisError.busy(limit: 2)) {
            try machine.request(2, command: "A", count: 1, bytes: 0, deadline: start)
        }
        #expect(machine.closed() == [1])
        #expect(throws: RedisError.notConnected) {
            try machine.request(2, command: "A", count: 1, bytes: 0, deadline: start)
        }
    }

    @Test func `a late reply does not reach the next request`() throws {
        var machine = ready()
        try machine.request(1, command: "SLOW", count: 1, bytes: 0, deadline: start)
        try machine.request(2, command: "NEXT", count: 1, bytes: 0, deadline: start + .seconds(5))
        let expiry = machine.expire(now: start + .seconds(1))
        #expect(expiry.late.map(\.ticket) == [1] && expiry.late.map(\.command) == ["SLOW"])
        #expect(!expiry.isUnresponsive && expiry.next == start + .seconds(5))
        guard case .none = machine.received(.integer(1)) else { return fail("answered twice") }
        guard case .reply(2, [.integer(2)]) = machine.received(.integer(2)) else { return fail("no reply") }
    }

    @Test func `a missed sign of life is reported`() {
        var machine = ready()
        let isAdmitted = machine.ping(deadline: start)
        #expect(isAdmitted)
        #expect(!machine.expire(now: start - .nanoseconds(1)).isUnresponsive)
        #expect(machine.expire(now: start).isUnresponsive)
    }

    @Test func `tells messages from confirmations in both versions of the protocol`() throws {
        for wrap in [RESPValue.array, RESPValue.push] {
            var machine = ready(isSubscriber: true)
            try machine.request(1, command: "SUBSCRIBE", count: 2, bytes: 0, deadline: start)
            guard case .none = machine.received(wrap([bulk("subscribe"), bulk("a"), .integer(1)])) else {
                return fail("too early")
            }
            guard case .message("a", let payload) = machine.received(wrap([bulk("message"), bulk("a"), bulk("x")]))
            else { return fail("no message") }
            #expect(String(buffer: payload) == "x")
            guard case .reply(1, let replies) = machine.received(wrap([bulk("subscribe"), bulk("b"), .integer(2)]))
            else { return fail("no reply") }
            #expect(replies.count == 2)
        }
    }

    @Test func `one refusal ends a subscription to several channels`() throws {
        var machine = ready(isSubscriber: true)
        try machine.request(1, command: "SUBSCRIBE", count: 3, bytes: 0, deadline: start)
        guard case .reply(1, [.error("NOPERM no")]) = machine.received(.error("NOPERM no")) else {
            return fail("waits for the rest")
        }
    }

    @Test func `unasked pushes are ignored`() {
        var machine = ready()
        guard case .none = machine.received(.push([bulk("invalidate"), .null])) else { return fail("not ignored") }
    }
}
