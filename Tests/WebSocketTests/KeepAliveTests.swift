import NIOCore
import Testing

@testable import WebSocket

@Suite struct KeepAliveTests {
    private func second(_ value: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(100 + value) }

    private var fresh: KeepAlive {
        KeepAlive(interval: .seconds(30), timeout: .seconds(10), now: second(0))
    }

    @Test func `a silent peer is asked, then given up`() {
        var alive = fresh
        #expect(alive.tick(second(0)) == .wait(until: second(30)))
        #expect(alive.tick(second(29)) == .wait(until: second(30)))
        #expect(alive.tick(second(30)) == .ping(until: second(40)))
        #expect(alive.tick(second(39)) == .wait(until: second(40)))
        #expect(alive.tick(second(40)) == .dead(silentFor: .seconds(40)))
    }

    @Test func `any byte counts as life`() {
        var alive = fresh
        alive.heard(second(20))
        #expect(alive.tick(second(30)) == .wait(until: second(50)))
        #expect(alive.tick(second(50)) == .ping(until: second(60)))
        alive.heard(second(59))
        #expect(alive.tick(second(60)) == .wait(until: second(89)))
        #expect(alive.tick(second(89)) == .ping(until: second(99)))
        #expect(alive.tick(second(99)) == .dead(silentFor: .seconds(40)))
    }

    @Test func `a stalled owner gives nobody up before asking`() {
        var alive = fresh
        #expect(alive.tick(second(500)) == .ping(until: second(510)))
        #expect(alive.tick(second(510)) == .dead(silentFor: .seconds(510)))
    }

    @Test func `a long timeout does not delay the next ping`() {
        var alive = KeepAlive(interval: .seconds(10), timeout: .seconds(60), now: second(0))
        #expect(alive.tick(second(10)) == .ping(until: second(20)))
        #expect(alive.tick(second(20)) == .wait(until: second(30)))
        alive.heard(second(25))
        #expect(alive.tick(second(30)) == .wait(until: second(35)))
        #expect(alive.tick(second(35)) == .ping(until: second(45)))
    }

    @Test func `times out of order do no harm`() {
        var alive = fresh
        alive.heard(second(20))
        alive.heard(second(10))
        #expect(alive.tick(second(5)) == .wait(until: second(50)))
    }

    @Test func `no setting makes it spin`() {
        var alive = KeepAlive(interval: .zero, timeout: .seconds(-1), now: second(0))
        guard case .wait(let next) = alive.tick(second(0)) else {
            Issue.record("no wait")
            return
        }
        #expect(next > second(0))
        #expect(MemoryLayout<KeepAlive>.size <= 48)
    }
}
