import Resilience
import TestRandom
import Testing

@Suite struct RateLimitTests {
    private let rates = RateLimit.Rates(messages: 10, bytes: 1000)
    private let start: Int64 = 5_000_000_000

    private func at(_ seconds: Double) -> Int64 { start + Int64(seconds * 1e9) }

    /// How many of `attempts` are allowed at one moment.
    private func allowed(_ limit: inout RateLimit, attempts: Int, bytes: Int = 0, at now: Int64) -> Int {
        (0..<attempts).count { _ in limit.take(messages: 1, bytes: bytes, at: now) == .allowed }
    }

    @Test func `two seconds' worth may be sent at once, then so many in each second`() {
        var limit = RateLimit(rates, now: start)
        #expect(allowed(&limit, attempts: 1000, at: start) == 20)
        #expect(allowed(&limit, attempts: 1000, at: at(0.5)) == 5)
        #expect(allowed(&limit, attempts: 1000, at: at(1.5)) == 10)
        #expect(allowed(&limit, attempts: 1000, at: at(1000)) == 20)
    }

    @Test func `bytes are limited as well`() {
        var limit = RateLimit(rates, now: start)
        #expect(allowed(&limit, attempts: 1000, bytes: 200, at: start) == 10)
        guard case .refused(.bytes, let wait) = limit.take(messages: 1, bytes: 200, at: start) else {
            Issue.record("not refused")
            return
        }
        #expect(wait == .milliseconds(200))
        #expect(limit.take(messages: 1, bytes: 0, at: start) == .allowed)
    }

    @Test func `what is asked again after the time that was named is allowed, and not before`() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let rates = RateLimit.Rates(
                messages: Int.random(in: 1...50, using: &random),
                bytes: Int.random(in: 1...5000, using: &random)
            )
            var limit = RateLimit(rates, now: start)
            var now = start
            for _ in 0..<20 {
                let count = Int.random(in: 0...30, using: &random)
                let size = Int.random(in: 0...20_000, using: &random)
                switch limit.take(messages: count, bytes: size, at: now) {
                case .allowed: now += Int64.random(in: 0...200_000_000, using: &random)
                case .refused(_, let wait):
                    let nanoseconds = Int64(wait / .nanoseconds(1))
                    #expect(nanoseconds > 0)
                    var early = limit
                    if nanoseconds > 10_000 {
                        let verdict = early.take(messages: count, bytes: size, at: now + nanoseconds - 10_000)
                        #expect(verdict != .allowed)
                    }
                    now += nanoseconds + 1000
                    #expect(limit.take(messages: count, bytes: size, at: now) == .allowed)
                }
            }
        }
    }

    @Test func `what is refused is not counted`() {
        var limit = RateLimit(rates, now: start)
        #expect(limit.take(messages: 15, bytes: 0, at: start) == .allowed)
        #expect(limit.take(messages: 6, bytes: 0, at: start) != .allowed)
        #expect(limit.take(messages: 5, bytes: 0, at: start) == .allowed)
    }

    @Test func `what is larger than two seconds' worth is possible, and paid for afterwards`() {
        var limit = RateLimit(rates, now: start)
        #expect(limit.take(messages: 1, bytes: 10_000, at: start) == .allowed)
        #expect(limit.take(messages: 1, bytes: 1, at: at(7.9)) != .allowed)
        #expect(limit.take(messages: 1, bytes: 1, at: at(8.1)) == .allowed)
        #expect(!limit.isFresh(at: at(9.5)))
        #expect(limit.isFresh(at: at(11)))
    }

    @Test func `what is reserved is carried out at the rate, in the order of the reservations`() {
        var limit = RateLimit(rates, now: start)
        let waits = (0..<50).map { _ in limit.reserve(messages: 1, bytes: 0, at: start) }
        #expect(waits.prefix(20).allSatisfy { $0 == .zero })
        for (index, wait) in waits.dropFirst(20).enumerated() {
            #expect(abs(wait / .milliseconds(1) - Double(index + 1) * 100) < 0.01)
        }
        // Who asks instead is told when all of that will have been carried out.
        guard case .refused(.messages, let wait) = limit.take(messages: 1, bytes: 0, at: start) else {
            Issue.record("not refused")
            return
        }
        #expect(abs(wait / .seconds(1) - 3.1) < 0.01)
    }

    @Test func `a clock that goes back gives nothing away`() {
        var limit = RateLimit(rates, now: start)
        #expect(allowed(&limit, attempts: 100, at: start) == 20)
        for seconds in [-5.0, 0, -1, 0] { #expect(allowed(&limit, attempts: 10, at: at(seconds)) == 0) }
        #expect(allowed(&limit, attempts: 10, at: at(0.1)) == 1)
    }

    @Test func `rates are at least one`() {
        #expect(RateLimit.Rates(messages: 0, bytes: -7) == RateLimit.Rates(messages: 1, bytes: 1))
    }
}

@Suite struct RateTableTests {
    private let rates = RateLimit.Rates(messages: 10, bytes: 1000)

    private func second(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }

    @Test func `each has a limit of its own`() {
        var table = RateTable<String>(rates, capacity: 10, now: 0)
        for _ in 0..<20 { #expect(table.take(messages: 1, bytes: 0, of: "a", at: 0) == .allowed) }
        #expect(table.take(messages: 1, bytes: 0, of: "a", at: 0) != .allowed)
        #expect(table.take(messages: 1, bytes: 0, of: "b", at: 0) == .allowed)
        #expect(table.count == 2)
    }

    @Test func `those who sent nothing for long enough are forgotten`() {
        var table = RateTable<Int>(rates, capacity: 1000, now: 0)
        for key in 0..<500 { _ = table.take(messages: 1, bytes: 0, of: key, at: 0) }
        _ = table.take(messages: 20, bytes: 0, of: 500, at: second(1.5))
        _ = table.take(messages: 1, bytes: 0, of: 501, at: second(2.6))
        #expect(table.count == 2)
        // Who is remembered still has to wait.
        #expect(table.take(messages: 20, bytes: 0, of: 500, at: second(2.6)) != .allowed)
    }

    @Test func `there is room for so many, and those beyond share one limit`() {
        var table = RateTable<Int>(rates, capacity: 100, now: 0)
        var allowed = 0
        for key in 0..<10_000 where table.take(messages: 1, bytes: 0, of: key, at: second(0.5)) == .allowed {
            allowed += 1
        }
        #expect(table.count == 100)
        #expect(allowed == 120)
        // A client that has its place keeps it.
        #expect(table.take(messages: 1, bytes: 0, of: 5, at: second(0.5)) == .allowed)
        // When the others have gone there is room again.
        #expect(table.take(messages: 20, bytes: 0, of: 20_000, at: second(5)) == .allowed)
        #expect(table.count == 1)
    }
}
