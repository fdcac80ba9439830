import HTTPTypes
import Testing

@testable import Serving

@Suite struct ByteBudgetTests {
    @Test func `what does not fit is refused with the time to come back`() throws {
        let budget = ByteBudget(limit: 100, for: .recordings)
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
        let budget = ByteBudget(limit: 100, for: .uploads)
        var share: ByteBudget.Share? = budget.share()
        try share?.take(70)
        #expect(throws: APIFailure.self) { try share?.take(31) }
        #expect(budget.taken == 70)
        share = nil
        #expect(budget.taken == 0)
        try budget.share().take(100)
    }
}
