import Testing

@testable import Dialogue

@Suite struct ServerSentEventsTests {
    typealias Event = ServerSentEvents.Event

    /// The events of `text`, fed in pieces of `size` bytes.
    private func events(_ text: String, size: Int = .max) throws -> [Event] {
        try events(Array(text.utf8), size: size)
    }

    private func events(_ bytes: [UInt8], size: Int) throws -> [Event] {
        var parser = ServerSentEvents()
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            events += try parser.feed(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        if let event = parser.finish() { events.append(event) }
        return events
    }

    @Test(arguments: [1, 2, 3, 5, 7, 1000])
    func `events are the same however the bytes are cut`(size: Int) throws {
        let text = """
            \u{FEFF}: a comment\r\ndata: grüße 北京 👋\r\n\r\nevent: error\rdata:first\rdata\rdata:  third\r\rid: 7\ndata: last\n\n
            """
        #expect(
            try events(text, size: size) == [
                Event(data: "grüße 北京 👋"), Event(type: "error", data: "first\n\n third"), Event(data: "last"),
            ]
        )
    }

    @Test func `events without data are none`() throws {
        #expect(try events("event: ping\n\n: comment\n\n\n\nretry: 5\n\ndata: x\n\n") == [Event(data: "x")])
        #expect(try events("data:\n\n") == [Event(data: "")])
    }

    @Test func `at the end a complete line counts and a broken one does not`() throws {
        #expect(try events("data: [DONE]\n") == [Event(data: "[DONE]")])
        #expect(try events("data: a\n\ndata: {\"brok") == [Event(data: "a")])
        #expect(try events("data: a\ndata: {\"brok") == [Event(data: "a")])
    }

    @Test func `broken UTF-8 is replaced`() throws {
        #expect(
            try events(Array("data: a".utf8) + [0xFF] + Array("b\n\n".utf8), size: 1) == [Event(data: "a\u{FFFD}b")]
        )
    }

    @Test func `lines and events are bounded`() throws {
        var parser = ServerSentEvents(limit: 10)
        #expect(try parser.feed(Array("data: abcd\n\n".utf8)) == [Event(data: "abcd")])
        #expect(throws: ServerSentEvents.TooLong(limit: 10)) { try parser.feed(Array("data: abcde\n".utf8)) }
        var lines = ServerSentEvents(limit: 10)
        #expect(throws: ServerSentEvents.TooLong(limit: 10)) {
            try lines.feed(Array("data:abcde\ndata:abcde\n\n".utf8))
        }
    }

    @Test func `empty lines of data are bounded too`() throws {
        var parser = ServerSentEvents(limit: 100)
        #expect(throws: ServerSentEvents.TooLong.self) {
            for _ in 1...1000 { _ = try parser.feed(Array("data\n".utf8)) }
        }
    }
}
