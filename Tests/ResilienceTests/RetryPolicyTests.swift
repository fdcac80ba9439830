import Resilience
import Testing

@Suite struct RetryPolicyTests {
    /// Random numbers that are the same in each run.
    struct SeededGenerator: RandomNumberGenerator {
        private var state: UInt64 = 1

        mutating func next() -> UInt64 {
            // The upper bits of a linear congruential generator are good enough here.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 32) << 32 | (state >> 32)
        }
    }

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
