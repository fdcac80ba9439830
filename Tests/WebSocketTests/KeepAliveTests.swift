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
        #expect(alive.tick(second(0)) == .wait)
        #expect(alive.tick(second(29)) == .wait)
        #expect(alive.tick(second(30)) == .ping)
        #expect(alive.tick(second(39)) == .wait)
        #expect(alive.tick(second(40)) == .dead)
    }

    @Test func `any byte counts as life`() {
        var alive = fresh
        alive.heard(second(20))
        #expect(alive.tick(second(30)) == .wait)
        #expect(alive.tick(second(50)) == .ping)
        alive.heard(second(59))
        #expect(alive.tick(second(60)) == .wait)
        #expect(alive.tick(second(89)) == .ping)
        #expect(alive.tick(second(99)) == .dead)
    }

    @Test func `a stalled owner gives nobody up before asking`() {
        var alive = fresh
        #expect(alive.tick(second(500)) == .ping)
        #expect(alive.tick(second(510)) == .dead)
    }

    @Test func `a peer that answers late is asked again an interval after its answer`() {
        var alive = KeepAlive(interval: .seconds(10), timeout: .seconds(60), now: second(0))
        #expect(alive.tick(second(10)) == .ping)
        #expect(alive.tick(second(20)) == .wait)
        alive.heard(second(25))
        #expect(alive.tick(second(34)) == .wait)
        #expect(alive.tick(second(35)) == .ping)
    }

    @Test func `times out of order do no harm`() {
        var alive = fresh
        alive.heard(second(20))
        alive.heard(second(10))
        #expect(alive.tick(second(49)) == .wait)
        #expect(alive.tick(second(50)) == .ping)
    }

    @Test func `no setting gives a peer up at once`() {
        var alive = KeepAlive(interval: .zero, timeout: .seconds(-1), now: second(0))
        #expect(alive.tick(second(0)) == .wait)
        #expect(alive.tick(second(1)) == .ping)
        #expect(MemoryLayout<KeepAlive>.size <= 48)
    }
}
