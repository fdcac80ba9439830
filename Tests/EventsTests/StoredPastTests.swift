import Testing

@testable import Events

@Suite struct StoredPastTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `nothing counts as older than it is, however much memory has let go of`() throws {
        var past = StoredPast()
        #expect(past.isEmpty && past.outdated(.zero, now: start) == nil)
        for offset in 1...1000 { past.append(UInt64(offset), at: at(offset)) }
        for age in [0, 1, 10, 500, 999, 1000] {
            // Offset n was published at second n: those up to `1000 - age` have the age now.
            let outdated = past.outdated(.seconds(age), now: at(1000)) ?? 0
            #expect(outdated <= UInt64(1000 - age))
            // Marks are thinned out; what is told late is a small part of all.
            #expect(outdated + 64 >= UInt64(1000 - age))
        }
        #expect(past.outdated(.zero, now: at(1000)) == 1000)
    }

    @Test func `what the history has let go of is forgotten`() {
        var past = StoredPast()
        for offset in 1...10 { past.append(UInt64(offset), at: at(offset)) }
        past.remove(upTo: 9)
        #expect(!past.isEmpty && past.outdated(.zero, now: at(10)) == 10)
        past.remove(upTo: 10)
        #expect(past.isEmpty)
    }
}
