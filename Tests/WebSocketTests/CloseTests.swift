import NIOCore
import Testing

@testable import WebSocket

@Suite struct CloseTests {
    private func closeFrame(_ code: Int, _ reason: [UInt8] = [], masked: Bool = true) -> [UInt8] {
        wire(0x88, [UInt8(code >> 8), UInt8(code & 255)] + reason, masked: masked)
    }

    @Test func `the peer's close is echoed`() {
        var machine = WebSocketMachine(role: .server)
        #expect(
            machine.feed(closeFrame(1001, Array("bye".utf8)) + wire(0x81, [0x61])) == [
                .close(ByteBuffer(bytes: [0x88, 2, 0x03, 0xE9]), .goingAway, reason: "bye", byPeer: true)
            ]
        )
        #expect(machine.isClosed)
        #expect(machine.feed(wire(0x81, [0x61])) == [])
    }

    @Test func `a close without a code is echoed without a code`() {
        var machine = WebSocketMachine(role: .server)
        #expect(
            machine.feed(wire(0x88)) == [.close(ByteBuffer(bytes: [0x88, 0]), .noStatus, reason: "", byPeer: true)]
        )
    }

    @Test func `half a code is a violation`() {
        #expect(serverVerdict(wire(0x88, [0x03])) == .protocolError)
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535])
    func `codes that must not be sent are violations`(code: Int) {
        #expect(serverVerdict(closeFrame(code)) == .protocolError)
        #expect(!CloseCode(rawValue: UInt16(code)).isValidOnWire)
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func `valid codes are reported`(code: Int) {
        var machine = WebSocketMachine(role: .server)
        guard case .close(_, let reported, _, byPeer: true)? = machine.feed(closeFrame(code)).first else {
            Issue.record("no close")
            return
        }
        #expect(reported == CloseCode(rawValue: UInt16(code)))
        #expect(reported.isValidOnWire)
    }

    @Test(arguments: [[0xC0, 0xAF], [0xCE], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func `a reason must be UTF-8`(reason: [UInt8]) {
        #expect(serverVerdict(closeFrame(1000, reason)) == .invalidPayload)
    }

    @Test func `our close waits for the peer's`() {
        var server = WebSocketMachine(role: .server)
        #expect(
            server.close(.restart, reason: "soon back").map { Array(buffer: $0) }
                == closeFrame(1012, Array("soon back".utf8), masked: false)
        )
        #expect(server.isClosing && !server.isClosed)
        #expect(server.close(.normal) == nil)
        #expect(server.frame(.text(ByteBuffer(string: "x"))) == nil)
        #expect(server.ping() == nil)
        // Data that was on its way is thrown away, pings are not answered any more.
        let late = wire(0x01, Array("late".utf8)) + wire(0x89) + wire(0x80, [0xFF]) + wire(0x82, [1])
        #expect(server.feed(late, pieces: 3) == [])
        #expect(server.feed(closeFrame(1012)) == [.close(nil, .restart, reason: "", byPeer: true)])
        #expect(server.isClosed)
    }

    @Test func `our close throws a message in progress away`() {
        var server = WebSocketMachine(role: .server)
        #expect(server.feed(wire(0x01, [UInt8](repeating: 0x61, count: 1000))) == [])
        #expect(server.close(.normal) != nil)
        #expect(server.message?.payload.storageCapacity == 0)
        #expect(server.feed(wire(0x80, [0x61]) + closeFrame(1000)) == [.close(nil, .normal, reason: "", byPeer: true)])
    }

    @Test func `a violation while closing ends the wait`() {
        var server = WebSocketMachine(role: .server)
        _ = server.close(.normal)
        let actions = server.feed(wire(0x83))
        #expect(actions.count == 1)
        guard case .close(nil, .protocolError, _, byPeer: false)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
    }

    @Test func `a close between two machines completes on both sides`() {
        var server = WebSocketMachine(role: .server)
        var client = WebSocketMachine(role: .client)
        let atServer = server.feed(client.close(CloseCode(rawValue: 4001), reason: "done"))
        guard case .close(let echo?, let code, let reason, byPeer: true)? = atServer.first else {
            Issue.record("\(atServer)")
            return
        }
        #expect(code.rawValue == 4001 && reason == "done")
        #expect(client.feed(echo) == [.close(nil, code, reason: "", byPeer: true)])
        #expect(server.isClosed && client.isClosed)
    }

    @Test func `a reason is cut between characters`() {
        var server = WebSocketMachine(role: .server)
        var client = WebSocketMachine(role: .client)
        let reason = String(repeating: "a", count: 121) + "👩‍👩‍👧" + "b"
        guard
            case .close(_, .normal, let received, byPeer: true)? = client.feed(server.close(.normal, reason: reason))
                .first
        else {
            Issue.record("no close")
            return
        }
        #expect(received == String(repeating: "a", count: 121))
    }

    @Test func `codes that must not be sent are not sent`() {
        for code in [CloseCode.abnormal, CloseCode(rawValue: 0), CloseCode(rawValue: 1015)] {
            var server = WebSocketMachine(role: .server)
            #expect(server.close(code).map { Array(buffer: $0) } == closeFrame(1011, masked: false))
        }
        var server = WebSocketMachine(role: .server)
        #expect(server.close(.noStatus, reason: "ignored").map { Array(buffer: $0) } == [0x88, 0])
    }
}
