import Testing

@testable import WebSocket

@Suite struct ReconnectPolicyTests {
    @Test func `the longest wait doubles from try to try up to its limit`() throws {
        let policy = ReconnectPolicy(baseDelay: .seconds(1), maximumDelay: .seconds(5))
        var last = LastNumber()
        let waits = try (1...4).map { try #require(policy.delay(beforeTry: $0, using: &last)) }
        #expect(zip(waits, [1, 2, 4, 5]).allSatisfy { $0 > .seconds($1 - 1) && $0 <= .seconds($1) })
    }

    @Test func `a policy with a limit gives up`() {
        let policy = ReconnectPolicy(maximumTries: 2)
        var random = SystemRandomNumberGenerator()
        #expect(policy.delay(beforeTry: 2, using: &random) != nil)
        #expect(policy.delay(beforeTry: 3, using: &random) == nil)
    }

    @Test func `the tries begin anew after a connection that lasted`() {
        let policy = ReconnectPolicy(stableAfter: .seconds(10))
        #expect(policy.nextTry(after: 5, lasting: .seconds(3)) == 6)
        #expect(policy.nextTry(after: 5, lasting: .seconds(10)) == 1)
    }
}

private struct LastNumber: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}
