import HTTPTypes
import Testing

@testable import Serving

@Suite struct ByteBudgetTests {
    @Test func `what does not fit is refused with the time to come back`() throws {
        let budget = ByteBudget(limit: 100)
        let first = budget.share()
        try first.take(60)
        try first.take(40)
        let second = budget.share()
        let failure = #expect(throws: APIFailure.self) { try second.take(1) }
        #expect(failure?.status == .serviceUnavailable)
        #expect(failure?.retryAfter != nil)
        #expect(first.taken == 100)
        #expect(second.taken == 0)
    }

    @Test func `a share that is let go gives all of its room back`() throws {
        let budget = ByteBudget(limit: 100)
        var share: ByteBudget.Share? = budget.share()
        try share?.take(70)
        #expect(throws: APIFailure.self) { try share?.take(31) }
        #expect(budget.taken == 70)
        share = nil
        #expect(budget.taken == 0)
        try budget.share().take(100)
    }

    @Test func `the time to come back is the one that shares are held, by what they take`() {
        let start = ContinuousClock.now
        func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }
        var ledger = ByteLedger<Int>(limit: 100)
        #expect(ledger.take(50, for: 1, at: at(0)) == nil)
        #expect(ledger.take(50, for: 2, at: at(0)) == nil)
        // Nothing was given back yet: as long as they have been there already, for one of the two.
        #expect(ledger.take(10, for: 3, at: at(8)) == .seconds(4))
        ledger.giveBack(1, at: at(20))
        ledger.giveBack(2, at: at(20))
        #expect(ledger.taken == 0)
        for share in 4..<8 { #expect(ledger.take(25, for: share, at: at(20)) == nil) }
        // Four of them, twenty seconds each: one every five.
        #expect(ledger.take(10, for: 9, at: at(20)) == .seconds(5))
        #expect(ledger.take(60, for: 9, at: at(20)) == .seconds(15))
    }
}
