import Testing

@testable import Events

@Suite struct TrainingEstimateTests {
    let start = ContinuousClock.now

    @Test func `what is left takes as long, for its part, as what is done`() {
        let estimate = TrainingEstimate(start: start)
        #expect(estimate.secondsRemaining(at: 0.25, now: start + .seconds(10)) == 30)
        #expect(estimate.secondsRemaining(at: 0.5, now: start + .milliseconds(1500)) == 1.5)
        #expect(estimate.secondsRemaining(at: 1, now: start + .seconds(10)) == 0)
    }

    @Test func `nothing is left of a training that says it is more than done`() {
        #expect(TrainingEstimate(start: start).secondsRemaining(at: 1.5, now: start + .seconds(10)) == 0)
    }

    @Test(arguments: [0, -0.5, -.infinity, .infinity, .nan] as [Double])
    func `without progress nothing can be said`(progress: Double) {
        #expect(TrainingEstimate(start: start).secondsRemaining(at: progress, now: start + .seconds(10)) == nil)
    }

    @Test func `what would last for ever is unknown, and a clock that goes back does no harm`() {
        let estimate = TrainingEstimate(start: start)
        #expect(estimate.secondsRemaining(at: .leastNonzeroMagnitude, now: start + .seconds(10)) == nil)
        #expect(estimate.secondsRemaining(at: 0.5, now: start - .seconds(10)) == 0)
    }

    @Test func `each training has its own beginning, until it ends`() {
        var running = RunningTrainings()
        running.start("a", now: start)
        running.start("b", now: start + .seconds(5))
        #expect(running.secondsRemaining(of: "a", at: 0.5, now: start + .seconds(10)) == 10)
        #expect(running.secondsRemaining(of: "b", at: 0.5, now: start + .seconds(10)) == 5)
        running.end("a")
        #expect(running.secondsRemaining(of: "a", at: 0.5, now: start + .seconds(10)) == nil)
        #expect(running.secondsRemaining(of: "c", at: 0.5, now: start + .seconds(10)) == nil)
        running.start("b", now: start + .seconds(9))
        #expect(running.secondsRemaining(of: "b", at: 0.5, now: start + .seconds(10)) == 1)
    }

    @Test func `the training that began first makes room for one too many`() {
        var running = RunningTrainings(limit: 2)
        for (number, session) in ["a", "b", "b", "c"].enumerated() {
            running.start(session, now: start + .seconds(number))
        }
        #expect(running.count == 2)
        let later = start + .seconds(10)
        #expect(running.secondsRemaining(of: "a", at: 0.5, now: later) == nil)
        #expect(running.secondsRemaining(of: "b", at: 0.5, now: later) == 8)
        #expect(running.secondsRemaining(of: "c", at: 0.5, now: later) == 7)
    }
}
