import Audio
import Dialogue
import Storage
import Testing

@testable import Conversation

@Suite struct ConversationMachineTests {
    private let start = ContinuousClock.now
    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }
    private func sound(_ milliseconds: Int) -> PCM { .silence(.milliseconds(milliseconds), sampleRate: 1000) }

    private func machine(_ change: (inout ConversationMachine.Configuration) -> Void = { _ in }) -> ConversationMachine
    {
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = .immediate
        change(&configuration)
        return ConversationMachine(configuration: configuration)
    }

    private func ending(_ actions: [ConversationMachine.Action]) -> Turn.Record? {
        for case .finish(let record) in actions { return record }
        return nil
    }

    /// A machine whose first turn is speaking its only segment, of which 400 ms were made and 300 ms sent.
    private func speaking(_ clock: PlaybackLedger.Clock = .realtime) -> ConversationMachine {
        var machine = machine { $0.playbackClock = clock }
        _ = machine.utteranceEnded(1, at: 0, silence: .milliseconds(400), now: at(0))
        _ = machine.transcribed(1, "Hello", now: at(50))
        _ = machine.responded(1, .text("One two three four."), now: at(60))
        _ = machine.responseEnded(1, now: at(60))
        _ = machine.synthesized(1, segment: 0, sound(400), now: at(100))
        _ = machine.segmentEnded(1, segment: 0, now: at(100))
        _ = machine.sent(1, .milliseconds(300), now: at(100))
        return machine
    }

    @Test func `a turn goes from utterance to completed answer`() throws {
        var machine = machine()
        #expect(
            machine.utteranceEnded(7, at: 0, silence: .milliseconds(400), now: at(0)) == [
                .publish(.speechEnded(7, at: 0, silence: .milliseconds(400))), .begin(1), .publish(.turnStarted(1)),
                .startTimer(1, .transcription, .seconds(60)),
            ]
        )
        let asked = machine.transcribed(7, "Who are you?", now: at(50))
        #expect(asked.contains(.respond(1, Prompt("Who are you?"))))
        #expect(
            machine.responded(1, .text("I am Antiphon. And"), now: at(60)) == [
                .publish(.answerText(1, "I am Antiphon. And")),
                .publish(.segment(1, index: 0, "I am Antiphon.")), .speak(1, index: 0, "I am Antiphon."),
            ]
        )
        #expect(
            machine.responded(1, .text(" you?"), now: at(70)) == [.publish(.answerText(1, " you?"))]
        )
        #expect(
            machine.responseEnded(1, now: at(80)) == [
                .publish(.segment(1, index: 1, "And you?")), .speak(1, index: 1, "And you?"),
            ]
        )
        for segment in 0...1 {
            let actions = machine.synthesized(1, segment: segment, sound(300), now: at(100))
            #expect(actions.last == .play(1, segment: segment, sound(300)))
            // Speaking starts with the first sound.
            #expect(actions.count { if case .startSpeaking = $0 { true } else { false } } == (segment == 0 ? 1 : 0))
            #expect(machine.segmentEnded(1, segment: segment, now: at(110)) == [.endSegment(1, segment: segment)])
        }
        #expect(machine.sent(1, .milliseconds(300), now: at(120)).isEmpty)
        let ended = machine.sent(1, .milliseconds(300), now: at(130))
        let record = try #require(ending(ended))
        #expect(ended.first == .stop(1))
        #expect(record.outcome == .completed)
        #expect(record.heardAnswer == "I am Antiphon. And you?")
        #expect(
            machine.history == [
                Message(role: .user, text: "Who are you?"), Message(role: .assistant, text: "I am Antiphon. And you?"),
            ]
        )
        #expect(machine.currentTurn == nil)
    }

    @Test func `the parts of the timings sum to the time to first audio`() throws {
        var machine = speaking(.immediate)
        let timings = try #require(ending(machine.sent(1, .milliseconds(100), now: at(150)))).timings
        #expect(timings.endpointing == .milliseconds(400))
        #expect(timings.transcription == .milliseconds(50))
        #expect(timings.firstToken == .milliseconds(10))
        #expect(timings.firstSentence == .zero)
        #expect(timings.synthesis == .milliseconds(40))
        #expect(timings.firstAudio == .milliseconds(500))
        #expect(timings.total == .milliseconds(550))
    }

    @Test func `speech during the answer interrupts it and history holds only what was heard`() throws {
        var machine = speaking()
        let actions = machine.speechStarted(2, at: 16000, now: at(300))
        let record = try #require(ending(actions))
        #expect(actions.contains(.stop(1)))
        #expect(record.outcome == .interrupted)
        #expect(record.playback.heard == .milliseconds(200))
        #expect(record.heardAnswer == "One two")
        #expect(machine.history.last == Message(role: .assistant, text: "One two"))
    }

    @Test func `without barge-in speech during the answer is passed over`() {
        var machine = machine { $0.turnTaking.interruption = .never }
        _ = machine.userWrote("Hello", now: at(0))
        #expect(machine.speechStarted(2, at: 0, now: at(10)) == [.publish(.speechStarted(2, at: 0))])
        #expect(
            machine.utteranceEnded(2, at: 0, silence: .zero, now: at(20)) == [
                .publish(.speechEnded(2, at: 0, silence: .zero))
            ]
        )
        #expect(machine.transcribed(2, "Stop", now: at(30)).isEmpty)
        #expect(machine.currentTurn?.id == 1)
    }

    @Test func `a cancelled turn emits nothing more`() throws {
        var machine = speaking()
        #expect(try #require(ending(machine.cancel(now: at(200)))).outcome == .cancelled)
        #expect(machine.synthesized(1, segment: 0, sound(10), now: at(210)).isEmpty)
        #expect(machine.responded(1, .text("more"), now: at(210)).isEmpty)
        #expect(machine.responseEnded(1, now: at(210)).isEmpty)
        #expect(machine.segmentEnded(1, segment: 0, now: at(210)).isEmpty)
        #expect(machine.sent(1, .milliseconds(10), now: at(210)).isEmpty)
        #expect(machine.timerFired(1, .playback, now: at(500)).isEmpty)
        #expect(machine.failed(1, stage: .synthesis, reason: "late", now: at(500)).isEmpty)
        #expect(machine.cancel(now: at(600)).isEmpty)
    }

    @Test func `an utterance without words ends the turn as nothing said`() throws {
        var machine = machine()
        _ = machine.utteranceEnded(1, at: 0, silence: .zero, now: at(0))
        #expect(try #require(ending(machine.transcribed(1, "  \n", now: at(1)))).outcome == .nothingSaid)
        #expect(machine.history.isEmpty)
    }

    @Test func `a turn whose transcript does not come fails after its time`() throws {
        var machine = machine()
        _ = machine.utteranceEnded(1, at: 0, silence: .zero, now: at(0))
        #expect(machine.timerFired(1, .answer, now: at(100)).isEmpty)
        let record = try #require(ending(machine.timerFired(1, .transcription, now: at(60_000))))
        #expect(record.outcome == .failed(stage: .recognition, reason: "The transcript did not come in time."))
    }

    @Test func `a turn whose answer makes no sound in time fails at the stage that is late`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        var late = machine
        #expect(try #require(ending(late.timerFired(1, .answer, now: at(9)))).outcome.name == "failed")
        _ = machine.responded(1, .text("Yes. No."), now: at(1))
        let outcome = try #require(ending(machine.timerFired(1, .answer, now: at(9)))).outcome
        #expect(outcome == .failed(stage: .synthesis, reason: "The answer did not come in time."))
    }

    @Test func `an answer that cannot be spoken is a failure`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        _ = machine.responded(1, .text("***"), now: at(1))
        #expect(try #require(ending(machine.responseEnded(1, now: at(2)))).outcome.name == "failed")
    }

    @Test func `a handover is published and kept in the record`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        let handover = Turn.Handover(from: "model", reason: "unreachable")
        #expect(
            machine.responded(1, .handedOver(from: "model", reason: "unreachable"), now: at(1))
                == [.publish(.responderFailed(1, handover))]
        )
        #expect(machine.responded(1, .answering(by: "script"), now: at(1)).isEmpty)
        let record = try #require(ending(machine.cancel(now: at(2))))
        #expect(record.handovers == [handover])
        #expect(record.responder == "script")
    }

    @Test func `a listener that plays in real time has heard the answer when its time is over`() throws {
        var machine = speaking(.realtime)
        let sent = machine.sent(1, .milliseconds(100), now: at(110))
        #expect(sent == [.startTimer(1, .playback, .milliseconds(390))])
        #expect(try #require(ending(machine.timerFired(1, .playback, now: at(500)))).outcome == .completed)
    }

    @Test func `a listener that acknowledges completes the turn with its last word`() throws {
        var machine = speaking(.acknowledged)
        #expect(machine.sent(1, .milliseconds(100), now: at(110)) == [.startTimer(1, .playback, .seconds(30))])
        #expect(machine.acknowledged(1, upTo: .milliseconds(200), now: at(300)).count == 1)
        var silent = machine
        let interrupted = try #require(ending(silent.timerFired(1, .playback, now: at(30_110))))
        #expect(interrupted.outcome == .interrupted)
        #expect(interrupted.heardAnswer == "One two")
        #expect(
            try #require(ending(machine.acknowledged(1, upTo: .seconds(9), now: at(600)))).heardAnswer
                == "One two three four."
        )
    }

    @Test func `a new utterance supersedes a turn that is still thinking`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        let actions = machine.utteranceEnded(1, at: 0, silence: .zero, now: at(10))
        #expect(try #require(ending(actions)).outcome == .interrupted)
        #expect(machine.currentTurn?.id == 2)
        #expect(machine.currentTurn?.phase == .transcribing)
    }

    @Test func `an answer that never ends is cut at the limit`() throws {
        var machine = machine { $0.answerLimit = 10 }
        _ = machine.userWrote("Hello", now: at(0))
        _ = machine.responded(1, .text("12345678"), now: at(1))
        #expect(
            machine.responded(1, .text("90abc"), now: at(1)) == [
                .publish(.answerText(1, "90")), .stopResponding(1),
                .publish(.segment(1, index: 0, "1234567890")), .speak(1, index: 0, "1234567890"),
            ]
        )
        #expect(machine.responded(1, .text("more"), now: at(1)).isEmpty)
        #expect(machine.responseEnded(1, now: at(2)).isEmpty)
    }

    @Test func `a whole answer is spoken when its text has ended`() throws {
        var machine = machine { $0.speaksWholeAnswers = true }
        _ = machine.userWrote("Hello", now: at(0))
        #expect(machine.responded(1, .text("One. Two. "), now: at(1)) == [.publish(.answerText(1, "One. Two. "))])
        var broken = machine
        #expect(try #require(ending(broken.timerFired(1, .answer, now: at(9)))).outcome.name == "failed")
        #expect(
            machine.responseEnded(1, now: at(2)) == [
                .publish(.segment(1, index: 0, "One.")), .speak(1, index: 0, "One."),
                .publish(.segment(1, index: 1, "Two.")), .speak(1, index: 1, "Two."),
                .startTimer(1, .answer, .seconds(60)),
            ]
        )
    }

    @Test func `a recording begins a turn that waits for its transcript as long as that takes`() throws {
        var machine = machine()
        #expect(machine.recordingReceived(now: at(0)) == [.begin(1), .publish(.turnStarted(1))])
        #expect(machine.transcribed(turn: 2, "Other", language: nil, now: at(1)).isEmpty)
        let asked = machine.transcribed(turn: 1, "Guten Tag", language: "de", now: at(70_000))
        #expect(asked.contains(.respond(1, Prompt("Guten Tag", language: "de"))))
        #expect(try #require(ending(machine.cancel(now: at(70_001)))).language == "de")
    }

    @Test func `the account of an interruption says how much sound leaked over the user's words`() throws {
        var machine = speaking()
        // 300 ms were sent at 100; the user began at 220, which was noticed at 300.
        let actions = machine.speechStarted(2, at: 16000, delay: .milliseconds(80), now: at(300))
        let record = try #require(ending(actions))
        #expect(record.playback.heard == .milliseconds(200))
        #expect(record.playback.leaked == .milliseconds(180))
        var cancelled = speaking()
        #expect(try #require(ending(cancelled.cancel(now: at(300)))).playback.leaked == .zero)
    }

    @Test func `what is spoken elsewhere is acknowledged segment by segment`() throws {
        var machine = machine { $0.playbackClock = .acknowledged }
        _ = machine.userWrote("Hello", now: at(0))
        _ = machine.responded(1, .text("One two. Three four."), now: at(10))
        _ = machine.responseEnded(1, now: at(10))
        let begun = machine.spokenElsewhere(1, segment: 0, .seconds(1), now: at(20))
        guard case .startSpeaking(let sofar)? = begun.first else { Issue.record("speaking did not start"); return }
        #expect(sofar.outcome == .unfinished)
        #expect(sofar.answer == "One two. Three four.")
        _ = machine.segmentEnded(1, segment: 0, now: at(30))
        _ = machine.spokenElsewhere(1, segment: 1, .seconds(2), now: at(40))
        #expect(machine.spokenElsewhere(1, segment: 2, .seconds(2), now: at(40)).isEmpty)
        _ = machine.segmentEnded(1, segment: 1, now: at(50))
        var interrupted = machine
        _ = interrupted.acknowledged(1, segment: 1, upTo: .seconds(1), now: at(60))
        let record = try #require(ending(interrupted.speechStarted(1, at: 0, now: at(70))))
        #expect(record.heardAnswer == "One two. Three")
        #expect(
            record.playback
                == Turn.Playback(
                    generated: .seconds(3),
                    sent: .seconds(3),
                    heard: .seconds(2),
                    leaked: .seconds(1)
                )
        )
        #expect(
            try #require(ending(machine.acknowledged(1, segment: 1, upTo: .seconds(2), now: at(60)))).outcome
                == .completed
        )
    }

    @Test func `sound that was lost on its way and is handed out again was not heard`() throws {
        var machine = speaking(.realtime)
        machine.rewound(1, to: .milliseconds(100), now: at(300))
        #expect(machine.sent(1, .milliseconds(300), now: at(400)) == [.startTimer(1, .playback, .milliseconds(300))])
        #expect(try #require(ending(machine.cancel(now: at(500)))).playback.heard == .milliseconds(200))
    }

    @Test func `history is bounded`() {
        var machine = machine { $0.historyLimit = 3 }
        for index in 0..<10 { _ = machine.userWrote("\(index)", now: at(index)) }
        #expect(machine.history.map(\.text) == ["7", "8", "9"])
    }

    @Test func `a closed conversation takes nothing more`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        #expect(try #require(ending(machine.close(now: at(1)))).outcome == .cancelled)
        #expect(machine.userWrote("Hello", now: at(2)).isEmpty)
        #expect(machine.speechStarted(1, at: 0, now: at(2)).isEmpty)
        #expect(machine.utteranceEnded(1, at: 0, silence: .zero, now: at(2)).isEmpty)
    }

    // MARK: Tools

    private func calling(_ options: PromptOptions = PromptOptions(toolChoice: .required)) -> ConversationMachine {
        var machine = machine { $0.prompting = options }
        _ = machine.userWrote("How warm is it?", now: at(0))
        _ = machine.responded(1, .text("Let me see. "), now: at(1))
        _ = machine.responded(
            1,
            .toolCall(ToolCallPiece(index: 0, id: "a", name: "weather", arguments: "{")),
            now: at(1)
        )
        _ = machine.responded(1, .toolCall(ToolCallPiece(index: 1, name: "clock")), now: at(1))
        _ = machine.responded(1, .toolCall(ToolCallPiece(index: 0, arguments: "}")), now: at(1))
        return machine
    }

    @Test func `the responder goes on when the results of all its tools are there`() throws {
        var machine = calling()
        let calls = [
            ToolCall(id: "a", name: "weather", arguments: "{}"),
            ToolCall(id: "call_1_1_1", name: "clock", arguments: ""),
        ]
        #expect(
            machine.responseEnded(1, now: at(2)) == [
                .publish(.toolCalled(1, calls[0])), .publish(.toolCalled(1, calls[1])),
                .startTimer(1, .tools, .seconds(60)), .runTools(1, calls),
            ]
        )
        #expect(machine.toolReturned(1, call: "b", "?", now: at(3)).isEmpty)
        #expect(
            machine.toolReturned(1, call: "call_1_1_1", "noon", now: at(3)) == [
                .publish(.toolReturned(1, call: "call_1_1_1"))
            ]
        )
        #expect(machine.toolReturned(1, call: "call_1_1_1", "one", now: at(3)).isEmpty)
        let going = machine.toolReturned(1, call: "a", "21", now: at(4))
        guard case .respond(1, let prompt)? = going.last else { Issue.record("the responder is not asked"); return }
        #expect(prompt.text == "How warm is it?")
        #expect(prompt.options.toolChoice == .automatic)
        #expect(
            prompt.toolMessages == [
                Message(role: .assistant, text: "Let me see. ", toolCalls: calls),
                Message(role: .tool, text: "21", toolCall: "a"),
                Message(role: .tool, text: "noon", toolCall: "call_1_1_1"),
            ]
        )
        _ = machine.responded(1, .text("It is 21 degrees."), now: at(5))
        #expect(machine.responseEnded(1, now: at(6)).last == .speak(1, index: 1, "It is 21 degrees."))
        let record = try #require(ending(machine.cancel(now: at(7))))
        #expect(record.answer == "Let me see. It is 21 degrees.")
        #expect(machine.history == [Message(role: .user, text: "How warm is it?")])
    }

    @Test func `what was said before a tool is spoken while the tool runs`() {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        _ = machine.responded(1, .text("One moment please"), now: at(1))
        _ = machine.responded(1, .toolCall(ToolCallPiece(index: 0, id: "a", name: "clock")), now: at(1))
        #expect(machine.responseEnded(1, now: at(2)).contains(.speak(1, index: 0, "One moment please")))
    }

    @Test func `a tool that does not return ends the turn, and the answer's time does not run meanwhile`() throws {
        var machine = calling()
        _ = machine.responseEnded(1, now: at(2))
        #expect(machine.timerFired(1, .answer, now: at(60_000)).isEmpty)
        let record = try #require(ending(machine.timerFired(1, .tools, now: at(60_002))))
        #expect(record.outcome == .failed(stage: .tools, reason: "The result of a tool did not come in time."))
        #expect(machine.toolReturned(1, call: "a", "late", now: at(60_003)).isEmpty)
    }

    @Test func `a responder that calls tools without end must answer at last`() {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        var last: Prompt?
        for round in 1...ToolRounds.limit {
            _ = machine.responded(1, .toolCall(ToolCallPiece(index: 0, id: "a\(round)", name: "clock")), now: at(round))
            _ = machine.responseEnded(1, now: at(round))
            for case .respond(_, let prompt) in machine.toolReturned(1, call: "a\(round)", "noon", now: at(round)) {
                last = prompt
            }
            #expect(last?.options.toolChoice == (round < ToolRounds.limit ? .automatic : PromptOptions.ToolChoice.none))
        }
        #expect(last?.toolMessages.count == 2 * ToolRounds.limit)
    }

    @Test func `a responder that calls more tools than it may has failed`() throws {
        var machine = machine()
        _ = machine.userWrote("Hello", now: at(0))
        for index in 0..<ToolCallAssembler.callLimit {
            #expect(machine.responded(1, .toolCall(ToolCallPiece(index: index, name: "clock")), now: at(1)).isEmpty)
        }
        let actions = machine.responded(1, .toolCall(ToolCallPiece(index: 99, name: "clock")), now: at(1))
        #expect(try #require(ending(actions)).outcome.name == "failed")
    }
}
