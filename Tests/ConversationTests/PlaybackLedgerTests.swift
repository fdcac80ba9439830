import Storage
import Testing

@testable import Conversation

@Suite struct PlaybackLedgerTests {
    private let start = ContinuousClock.now

    /// Two segments of one second each, the first with four words, the second with two.
    private func ledger(_ clock: PlaybackLedger.Clock) -> PlaybackLedger {
        var ledger = PlaybackLedger(clock: clock)
        ledger.expect("one two three four")
        ledger.expect("five six")
        for segment in 0...1 {
            ledger.generate(.seconds(1), of: segment)
            ledger.finish(segment)
        }
        return ledger
    }

    @Test func `what is sent to a file is heard`() {
        var ledger = ledger(.immediate)
        ledger.send(.milliseconds(1500), at: start)
        #expect(ledger.heardText(at: start) == "one two three four five")
        #expect(ledger.remaining(at: start) == .zero)
        #expect(!ledger.isAllSent)
    }

    @Test func `a real-time listener hears as time goes by and no more than was sent`() {
        var ledger = ledger(.realtime)
        ledger.send(.seconds(1), at: start)
        #expect(ledger.totals(at: start).heard == .zero)
        #expect(ledger.heardText(at: start + .milliseconds(500)) == "one two")
        #expect(ledger.totals(at: start + .seconds(9)).heard == .seconds(1))
    }

    @Test func `a gap in sending is a gap in hearing`() {
        var ledger = ledger(.realtime)
        ledger.send(.seconds(1), at: start)
        ledger.send(.seconds(1), at: start + .seconds(5))
        #expect(ledger.totals(at: start + .milliseconds(5500)).heard == .milliseconds(1500))
        #expect(ledger.remaining(at: start + .milliseconds(5500)) == .milliseconds(500))
    }

    @Test func `an acknowledgement never goes beyond what was sent or back`() {
        var ledger = ledger(.acknowledged)
        ledger.send(.seconds(1), at: start)
        ledger.acknowledge(.seconds(5))
        ledger.acknowledge(.milliseconds(10))
        #expect(ledger.totals(at: start).heard == .seconds(1))
        #expect(ledger.heardText(at: start) == "one two three four")
    }

    @Test func `the last word of a segment still being made has not been heard`() {
        var ledger = PlaybackLedger(clock: .immediate)
        ledger.expect("one two")
        ledger.generate(.seconds(1), of: 0)
        ledger.send(.seconds(1), at: start)
        #expect(ledger.heardText(at: start) == "one")
    }

    @Test func `a listener that rounds down has heard everything`() {
        var ledger = PlaybackLedger(clock: .acknowledged)
        ledger.expect("One two.")
        ledger.generate(.microseconds(913_083), of: 0)
        ledger.finish(0)
        let now = ContinuousClock.now
        ledger.send(.microseconds(913_083), at: now)
        ledger.acknowledge(.milliseconds(900))
        #expect(ledger.remaining(at: now) == nil)
        ledger.acknowledge(.milliseconds(913))
        #expect(ledger.remaining(at: now) == .zero)
        #expect(ledger.heardText(at: now) == "One two.")
    }

    @Test func `a listener that tells more than it was handed has heard no more than that`() {
        var ledger = PlaybackLedger(clock: .acknowledged)
        ledger.expect("One two.")
        ledger.generate(.seconds(2), of: 0)
        let now = ContinuousClock.now
        ledger.send(.seconds(1), at: now)
        ledger.acknowledge(.seconds(9))
        ledger.send(.seconds(1), at: now)
        #expect(ledger.totals(at: now).heard == .seconds(1))
    }
}
