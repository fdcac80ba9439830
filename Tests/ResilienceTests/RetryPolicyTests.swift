import Resilience
import Testing
import TestRandom

@Suite struct RetryPolicyTests {
    let exact = RetryPolicy(
        attempts: 5,
        baseDelay: .milliseconds(100),
        factor: 3,
        maximumDelay: .seconds(1),
        jitter: .none
    )

    private func delays(of policy: RetryPolicy, retryAfter: Duration? = nil) -> [Duration?] {
        var random = SystemRandomNumberGenerator()
        return (1...6).map { policy.delay(beforeAttempt: $0, retryAfter: retryAfter, using: &random) }
    }

    @Test func `delays grow by the factor up to the maximum and end with the attempts`() {
        #expect(
            delays(of: exact)
                == [.zero, .milliseconds(100), .milliseconds(300), .milliseconds(900), .seconds(1), nil]
        )
    }

    @Test func `full jitter spreads between nothing and the delay`() {
        let policy = RetryPolicy(baseDelay: .milliseconds(100), jitter: .full)
        var random = SeededGenerator()
        let delays = (1...1000).compactMap { _ in policy.delay(beforeAttempt: 2, using: &random) }
        #expect(delays.count == 1000)
        #expect(delays.allSatisfy { $0 >= .zero && $0 <= .milliseconds(100) })
        #expect(delays.contains { $0 < .milliseconds(5) } && delays.contains { $0 > .milliseconds(95) })
    }

    @Test func `a server's wish is never cut short`() {
        #expect(
            delays(of: exact, retryAfter: .milliseconds(500))[1...3].allSatisfy { ($0 ?? .zero) >= .milliseconds(500) }
        )
        #expect(delays(of: exact, retryAfter: .milliseconds(500))[3] == .milliseconds(900))
    }

    @Test func `a server that wants to be left alone for too long is not asked again`() {
        #expect(delays(of: exact, retryAfter: .seconds(31)) == [.zero, nil, nil, nil, nil, nil])
    }

    @Test func `never means one attempt`() {
        #expect(delays(of: .never) == [.zero, nil, nil, nil, nil, nil])
    }

    @Test func `values out of range are moved into it`() {
        let policy = RetryPolicy(
            attempts: -3,
            baseDelay: .seconds(-1),
            factor: .nan,
            maximumDelay: .seconds(-1),
            jitter: .none
        )
        #expect(policy.attempts == 1)
        #expect(policy.baseDelay == .zero)
        #expect(policy.factor == 1)
        #expect(policy.maximumDelay == .zero)
    }

    @Test func `huge values do not overflow`() {
        let policy = RetryPolicy(
            attempts: 100,
            baseDelay: .seconds(1_000_000_000),
            factor: 100,
            maximumDelay: .seconds(Int64.max / 2),
            jitter: .none
        )
        var random = SystemRandomNumberGenerator()
        #expect(policy.delay(beforeAttempt: 100, using: &random) == .seconds(Int64.max / 2))
    }
}
