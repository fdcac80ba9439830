import Resilience
import Testing

@Suite struct CircuitBreakerTests {
    let start = ContinuousClock.now
    let policy = CircuitBreaker.Policy(
        failureThreshold: 3,
        cooldown: .seconds(10),
        maximumCooldown: .seconds(35)
    )

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// A breaker that opened at second 0.
    private func openBreaker() -> CircuitBreaker {
        var breaker = CircuitBreaker(policy: policy)
        for _ in 1...3 {
            #expect(breaker.admit(at: start) == .pass)
            breaker.failed(at: start)
        }
        return breaker
    }

    @Test func `a new breaker lets calls pass`() {
        var breaker = CircuitBreaker(policy: policy)
        #expect(breaker.isClosed)
        #expect(breaker.admit(at: start) == .pass)
    }

    @Test func `it opens at the threshold and not before`() {
        var breaker = CircuitBreaker(policy: policy)
        breaker.failed(at: start)
        breaker.failed(at: start)
        #expect(breaker.isClosed)
        breaker.failed(at: start)
        #expect(!breaker.isClosed)
        #expect(breaker.admit(at: at(4)) == .refuse(retryAfter: .seconds(6)))
    }

    @Test func `a success forgets the failures before it`() {
        var breaker = CircuitBreaker(policy: policy)
        breaker.failed(at: start)
        breaker.failed(at: start)
        breaker.succeeded()
        breaker.failed(at: start)
        breaker.failed(at: start)
        #expect(breaker.isClosed)
    }

    @Test func `after the cooldown one caller probes and the others wait`() {
        var breaker = openBreaker()
        #expect(breaker.admit(at: at(10)) == .probe)
        #expect(breaker.admit(at: at(12)) == .refuse(retryAfter: .seconds(8)))
        breaker.succeeded()
        #expect(breaker.isClosed)
        #expect(breaker.admit(at: at(12)) == .pass)
    }

    @Test func `failed probes double the cooldown up to the maximum`() {
        var breaker = openBreaker()
        #expect(breaker.admit(at: at(10)) == .probe)
        breaker.failed(at: at(10))
        #expect(breaker.admit(at: at(10)) == .refuse(retryAfter: .seconds(20)))
        #expect(breaker.admit(at: at(30)) == .probe)
        breaker.failed(at: at(30))
        #expect(breaker.admit(at: at(30)) == .refuse(retryAfter: .seconds(35)))
        #expect(breaker.admit(at: at(65)) == .probe)
        breaker.failed(at: at(65))
        #expect(breaker.admit(at: at(65)) == .refuse(retryAfter: .seconds(35)))
    }

    @Test func `after a probe succeeded the cooldown starts anew`() {
        var breaker = openBreaker()
        #expect(breaker.admit(at: at(10)) == .probe)
        breaker.failed(at: at(10))
        #expect(breaker.admit(at: at(30)) == .probe)
        breaker.succeeded()
        for _ in 1...3 { breaker.failed(at: at(40)) }
        #expect(breaker.admit(at: at(40)) == .refuse(retryAfter: .seconds(10)))
    }

    @Test func `an abandoned probe makes room for the next at once`() {
        var breaker = openBreaker()
        #expect(breaker.admit(at: at(10)) == .probe)
        breaker.abandoned(at: at(11))
        #expect(breaker.admit(at: at(11)) == .probe)
        breaker.failed(at: at(11))
        #expect(breaker.admit(at: at(11)) == .refuse(retryAfter: .seconds(20)))
    }

    @Test func `abandoned calls neither open nor close a breaker`() {
        var closed = CircuitBreaker(policy: policy)
        for _ in 1...5 { closed.abandoned(at: start) }
        #expect(closed.isClosed)
        var open = openBreaker()
        open.abandoned(at: at(1))
        #expect(open.admit(at: at(1)) == .refuse(retryAfter: .seconds(9)))
    }

    @Test func `a probe that never reports is replaced after a cooldown`() {
        var breaker = openBreaker()
        #expect(breaker.admit(at: at(10)) == .probe)
        #expect(breaker.admit(at: at(19)) == .refuse(retryAfter: .seconds(1)))
        #expect(breaker.admit(at: at(20)) == .probe)
        #expect(breaker.admit(at: at(20)) == .refuse(retryAfter: .seconds(10)))
    }

    @Test func `late failures of calls from before do not prolong the cooldown`() {
        var breaker = openBreaker()
        breaker.failed(at: at(9))
        #expect(breaker.admit(at: at(10)) == .probe)
    }

    @Test func `a policy keeps its values sensible`() {
        let policy = CircuitBreaker.Policy(failureThreshold: 0, cooldown: .seconds(90), maximumCooldown: .seconds(60))
        #expect(policy.failureThreshold == 1)
        #expect(policy.maximumCooldown == .seconds(90))
        var breaker = CircuitBreaker(policy: policy)
        breaker.failed(at: start)
        #expect(!breaker.isClosed)
    }
}
