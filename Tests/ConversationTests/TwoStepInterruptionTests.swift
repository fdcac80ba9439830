import Audio
import Dialogue
import Storage
import Testing

@testable import Conversation

/// Speech over an answer that is held: the machine, driven directly.
@Suite struct TwoStepInterruptionTests {
    private let start = ContinuousClock.now
    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    /// A machine whose first turn speaks its only segment of 4 s, of which 1 s was sent at 100 ms.
    private func speaking() -> ConversationMachine {
        var configuration = ConversationMachine.Configuration()
        configuration.turnTaking.interruption = .twoStep
        var machine = ConversationMachine(configuration: configuration)
        _ = machine.utteranceEnded(1, at: 0, silence: .milliseconds(400), now: at(0))
        _ = machine.transcribed(1, "Hello", now: at(50))
        _ = machine.responded(1, .text("One two three four."), now: at(60))
        _ = machine.responseEnded(1, now: at(60))
        _ = machine.synthesized(1, segment: 0, .silence(.seconds(4), sampleRate: 1000), now: at(100))
        _ = machine.segmentEnded(1, segment: 0, now: at(100))
        _ = machine.sent(1, .seconds(1), now: at(100))
        return machine
    }

    private func record(_ actions: [ConversationMachine.Action]) -> Turn.Record? {
        for case .finish(let record) in actions { return record }
        return nil
    }

    @Test func `speech over an answer holds it`() {
        var machine = speaking()
        #expect(
            machine.speechStarted(2, at: 1600, now: at(300)) == [
                .publish(.speechStarted(2, at: 1600)), .hold(1), .publish(.answerHeld(1)),
                .startTimer(1, .hold, .milliseconds(700)),
            ]
        )
        #expect(machine.currentTurn?.id == 1)
    }

    @Test func `what a listener says lets it go on and begins no turn`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        #expect(machine.speechPaused(2, after: .milliseconds(400), now: at(700)).isEmpty)
        #expect(
            machine.partialTranscript(2, "Mhm.", inPause: true, now: at(750)) == [
                .publish(.partialTranscript(2, "Mhm.")), .release(1), .publish(.answerResumed(1)),
            ]
        )
        let ended = machine.utteranceEnded(2, at: 9600, silence: .milliseconds(240), now: at(900))
        #expect(ended == [.publish(.speechEnded(2, at: 9600, silence: .milliseconds(240)))])
        #expect(machine.transcribed(2, "Mhm.", now: at(910)).isEmpty)
        #expect(machine.currentTurn?.id == 1)
        #expect(machine.history.count == 1)
    }

    @Test func `the time for which it was held is not counted as heard`() throws {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        _ = machine.speechPaused(2, after: .milliseconds(90), now: at(800))
        let ended = record(machine.cancel(now: at(1000)))
        let record = try #require(ended)
        // 200 ms before it was held, 200 ms after.
        #expect(record.playback.heard == .milliseconds(400))
    }

    @Test func `words end it at once and what was heard is told`() throws {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, delay: .milliseconds(40), now: at(300))
        let actions = machine.partialTranscript(2, "No, wait", now: at(600))
        let ended = record(actions)
        let record = try #require(ended)
        #expect(record.outcome == .interrupted)
        #expect(record.playback.heard == .milliseconds(200))
        #expect(record.playback.leaked == .milliseconds(840), "sent, but not heard when the user began to speak")
        let next = machine.utteranceEnded(2, at: 9600, silence: .milliseconds(240), now: at(900))
        #expect(next.contains(.begin(2)))
    }

    @Test func `an utterance that is over before its words are known waits for them`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        _ = machine.utteranceEnded(2, at: 9600, speech: .milliseconds(600), silence: .milliseconds(240), now: at(900))
        let actions = machine.transcribed(2, "Tell me more.", now: at(950))
        #expect(record(actions)?.outcome == .interrupted)
        #expect(
            actions.contains { if case .respond(2, let prompt) = $0 { prompt.text == "Tell me more." } else { false } }
        )
    }

    @Test func `whoever speaks on at the end of the window interrupts`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        #expect(record(machine.timerFired(1, .hold, now: at(1000)))?.outcome == .interrupted)
    }

    @Test func `an utterance that cannot be transcribed is no interruption`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        _ = machine.utteranceEnded(2, at: 9600, silence: .milliseconds(240), now: at(900))
        #expect(machine.transcriptionFailed(2, reason: "broken", now: at(950)).contains(.release(1)))
    }

    @Test func `after a listener's word a speaker's word still ends it`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        _ = machine.partialTranscript(2, "Yeah.", inPause: true, now: at(700))
        machine.speechResumed(2)
        #expect(record(machine.partialTranscript(2, "Yeah. But what about", now: at(1200)))?.outcome == .interrupted)
    }

    @Test func `a listener's word that goes on past the end of an answer begins no turn`() {
        var machine = speaking()
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        _ = machine.partialTranscript(2, "Mhm.", inPause: true, now: at(700))
        _ = machine.sent(1, .seconds(3), now: at(710))
        #expect(record(machine.timerFired(1, .playback, now: at(6000)))?.outcome == .completed)
        #expect(!machine.utteranceEnded(2, at: 9600, silence: .milliseconds(240), now: at(6100)).contains(.begin(2)))
        #expect(machine.transcribed(2, "Mhm.", now: at(6110)).isEmpty)
        #expect(machine.utteranceEnded(3, at: 9900, silence: .milliseconds(240), now: at(7000)).contains(.begin(2)))
    }

    @Test func `a held answer does not complete and does when it goes on`() {
        var machine = speaking()
        _ = machine.sent(1, .seconds(3), now: at(200))
        _ = machine.speechStarted(2, at: 1600, now: at(300))
        #expect(machine.timerFired(1, .playback, now: at(4200)).isEmpty)
        let resumed = machine.speechPaused(2, after: .milliseconds(90), now: at(4300))
        #expect(resumed.contains(.startTimer(1, .playback, .milliseconds(3800))))
    }

    @Test func `the assistant may speak unasked`() {
        var machine = ConversationMachine()
        let actions = machine.say("Are you still there?", now: at(0))
        #expect(actions.contains(.speak(1, index: 0, "Are you still there?")))
        #expect(machine.say("Again.", now: at(10)).isEmpty, "a turn goes on")
        #expect(machine.history.isEmpty)
    }
}
