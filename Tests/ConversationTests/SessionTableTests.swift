import Testing

@testable import Conversation

@Suite struct SessionTableTests {
    private let start = ContinuousClock.now
    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
    private let limits = SessionTable.Limits(sessions: 3, idle: .seconds(100), detached: .seconds(30))

    private func table(_ ids: String..., room: String? = nil) throws -> SessionTable {
        var table = SessionTable()
        for id in ids { try table.add(id: id, room: room, token: "token-\(id)", limits: limits, now: at(0)) }
        return table
    }

    @Test func `a session is found by its identifier, its room and its resume token`() throws {
        var table = try table("a", "b", room: "kitchen")
        #expect(table.entry(id: "a")?.token == "token-a")
        #expect(table.entry(token: "token-a")?.id == "a")
        #expect(table.entry(room: "kitchen")?.id == "b")
        #expect(table.all.map(\.id) == ["a", "b"])
        table.remove("b")
        #expect(table.entry(room: "kitchen")?.id == "a")
        table.remove("a")
        #expect(table.entry(room: "kitchen") == nil)
        #expect(table.entry(token: "token-a") == nil)
        #expect(table.entry(id: "a") == nil)
    }

    @Test func `past the limit a session is refused, with the time at which one may end`() throws {
        var table = try table("a", "b", "c")
        #expect(throws: SessionRefusal.full(limit: 3, retryAfter: .seconds(20))) {
            try table.add(id: "d", token: "d", limits: limits, now: at(10))
        }
        for id in ["a", "b", "c"] {
            table.attach(id, limits: limits, now: at(10))
            table.turnBegan(id, limits: limits, now: at(10))
        }
        #expect(throws: SessionRefusal.full(limit: 3, retryAfter: .seconds(1))) {
            try table.add(id: "d", token: "d", limits: limits, now: at(11))
        }
        table.remove("b")
        try table.add(id: "d", token: "d", limits: limits, now: at(12))
    }

    @Test func `an identifier is taken once`() throws {
        var table = try table("a")
        #expect(throws: SessionRefusal.taken(id: "a")) {
            try table.add(id: "a", token: "another", limits: limits, now: at(0))
        }
    }

    @Test func `a session outlives its connection for a while`() throws {
        var table = try table("a")
        table.attach("a", limits: limits, now: at(1))
        table.detach("a", limits: limits, now: at(50))
        #expect(table.expired(at: at(79)) == [])
        #expect(table.nextExpiry == at(80))
        #expect(table.expired(at: at(80)) == ["a"])
        // Who comes back in time keeps it.
        table.attach("a", limits: limits, now: at(79))
        #expect(table.expired(at: at(80)) == [])
    }

    @Test func `one of two connections may go`() throws {
        var table = try table("a")
        table.attach("a", limits: limits, now: at(0))
        table.attach("a", limits: limits, now: at(0))
        table.detach("a", limits: limits, now: at(10))
        #expect(table.nextExpiry == at(110))
    }

    @Test func `a session expires when it is idle, and not while a turn goes on`() throws {
        var table = try table("a")
        table.attach("a", limits: limits, now: at(0))
        table.turnBegan("a", limits: limits, now: at(10))
        #expect(table.nextExpiry == nil)
        #expect(table.expired(at: at(10_000)) == [])
        #expect(table.turnEnded("a", limits: limits, now: at(10_000)) == false)
        #expect(table.expired(at: at(10_099)) == [])
        #expect(table.expired(at: at(10_100)) == ["a"])
        #expect(table.nextExpiry(after: at(10_100)) == nil)
    }

    @Test func `a turn that nobody listens to keeps no session alive`() throws {
        var table = try table("a")
        table.attach("a", limits: limits, now: at(0))
        table.turnBegan("a", limits: limits, now: at(1))
        table.detach("a", limits: limits, now: at(2))
        #expect(table.expired(at: at(32)) == ["a"])
    }

    @Test func `draining refuses new sessions, closes those that wait and the others behind their turns`() throws {
        var table = try table("a", "b")
        table.attach("b", limits: limits, now: at(0))
        table.turnBegan("b", limits: limits, now: at(0))
        #expect(table.drain() == ["a"])
        #expect(throws: SessionRefusal.draining) { try table.add(id: "c", token: "c", limits: limits, now: at(1)) }
        #expect(table.turnEnded("b", limits: limits, now: at(2)) == true)
        table.remove("b")
        #expect(table.turnEnded("b", limits: limits, now: at(3)) == false)
    }
}
