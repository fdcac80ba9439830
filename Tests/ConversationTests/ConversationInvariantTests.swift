import Audio
import Dialogue
import Storage
import Testing
import TestRandom

@testable import Conversation

/// Drives the machine with random inputs, sensible and senseless, and checks what must always hold.
@Suite struct ConversationInvariantTests {
    @Test(arguments: [PlaybackLedger.Clock.immediate, .realtime, .acknowledged], 0..<200)
    func `whatever happens the invariants hold`(clock: PlaybackLedger.Clock, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = clock
        configuration.turnTaking.interruption = [.never, .immediate, .twoStep][Int(seed % 3)]
        configuration.speaksWholeAnswers = seed % 7 == 0
        configuration.answerLimit = seed % 3 == 0 ? 60 : 20_000
        var machine = ConversationMachine(configuration: configuration)
        var witness = Witness()
        var now = ContinuousClock.now
        for _ in 0..<300 {
            now += .milliseconds(Int.random(in: 0...200, using: &random))
            witness.take(step(&machine, witness, now, &random))
        }
        witness.take(machine.close(now: now))
        #expect(witness.complaints.isEmpty)
        #expect(witness.begun == witness.ended, "every turn ends")
    }

    private func words(_ random: inout SeededGenerator) -> String {
        ["", "Mhm.", "Yeah, okay.", "I would like tea."].randomElement(using: &random) ?? ""
    }

    private func step(
        _ machine: inout ConversationMachine,
        _ witness: Witness,
        _ now: ContinuousClock.Instant,
        _ random: inout SeededGenerator
    ) -> [ConversationMachine.Action] {
        // Mostly the current turn, sometimes one that is long over or never was.
        let turn = Bool.random(using: &random) ? witness.begun.max() ?? 0 : Int.random(in: 0...20, using: &random)
        let utterance = Int.random(in: 0...20, using: &random)
        let segment = witness.segments[turn, default: []].randomElement(using: &random)
        let sound = PCM.silence(.milliseconds(Int.random(in: 0...300, using: &random)), sampleRate: 1000)
        switch Int.random(in: 0..<25, using: &random) {
        case 0: return machine.speechStarted(utterance, at: 0, now: now)
        case 1: return machine.utteranceEnded(utterance, at: 0, silence: .milliseconds(400), now: now)
        case 2: return machine.transcribed(utterance, Bool.random(using: &random) ? "words" : "", now: now)
        case 3: return machine.userWrote("hello", now: now)
        case 4, 5: return machine.responded(turn, .text("One thing. Another "), now: now)
        case 6: return machine.responseEnded(turn, now: now)
        case 7, 8: return segment.map { machine.synthesized(turn, segment: $0, sound, now: now) } ?? []
        case 9: return segment.map { machine.segmentEnded(turn, segment: $0, now: now) } ?? []
        case 10: return machine.sent(turn, .milliseconds(Int.random(in: 0...300, using: &random)), now: now)
        case 11:
            return machine.acknowledged(turn, upTo: .milliseconds(Int.random(in: 0...900, using: &random)), now: now)
        case 12:
            return machine.timerFired(
                turn,
                [.transcription, .answer, .tools, .playback].randomElement(using: &random) ?? .answer,
                now: now
            )
        case 13:
            return segment.map { machine.spokenElsewhere(turn, segment: $0, sound.duration, now: now) } ?? []
        case 14:
            machine.rewound(turn, to: .milliseconds(Int.random(in: 0...300, using: &random)), now: now)
            return []
        case 15: return machine.recordingReceived(now: now)
        case 16:
            let piece = ToolCallPiece(index: 0, id: "a", name: "clock", arguments: "{}")
            return machine.responded(turn, .toolCall(piece), now: now)
        case 20: return machine.partialTranscript(utterance, words(&random), inPause: utterance % 2 == 0, now: now)
        case 21: return machine.speechPaused(utterance, after: .milliseconds(100 * utterance), now: now)
        case 22: return machine.timerFired(turn, .hold, now: now)
        case 23: return machine.transcribed(utterance, words(&random), now: now)
        case 24: return machine.say("Are you there?", now: now)
        case 17, 18: return machine.toolReturned(turn, call: "a", "noon", now: now)
        default:
            return Bool.random(using: &random)
                ? machine.cancel(now: now) : machine.failed(turn, stage: .response, reason: "broken", now: now)
        }
    }
}

/// Watches the actions of a machine and complains about what must not happen.
private struct Witness {
    var begun: Set<Turn.ID> = []
    var ended: Set<Turn.ID> = []
    var answered: Set<Turn.ID> = []
    var stopped: Set<Turn.ID> = []
    var spoke: Set<Turn.ID> = []
    var returned: Set<Turn.ID> = []
    var held: Set<Turn.ID> = []
    var segments: [Turn.ID: [Int]] = [:]
    var complaints: [String] = []

    mutating func take(_ actions: [ConversationMachine.Action]) {
        for action in actions {
            switch action {
            case .begin(let id):
                if begun != ended { complaints.append("turn \(id) begins while another is going on") }
                if !begun.insert(id).inserted { complaints.append("turn \(id) begins twice") }
            case .finish(let record):
                if !ended.insert(record.id).inserted { complaints.append("turn \(record.id) ends twice") }
                if !stopped.contains(record.id) { complaints.append("turn \(record.id) ends without being stopped") }
                check(record)
            case .publish(.transcript(let id, _)), .publish(.answerText(let id, _)), .play(let id, _, _),
                .publish(.turnStarted(let id)), .stopResponding(let id),
                .publish(.segment(let id, _, _)), .publish(.responderFailed(let id, _)), .startTimer(let id, _, _):
                mustBeGoingOn(id)
            case .respond(let id, _):
                mustBeGoingOn(id)
                if !answered.insert(id).inserted, !returned.contains(id) {
                    complaints.append("turn \(id) is answered twice")
                }
                returned.remove(id)
            case .runTools(let id, _), .publish(.toolCalled(let id, _)), .publish(.usage(let id, _)):
                mustBeGoingOn(id)
            case .publish(.toolReturned(let id, _)):
                mustBeGoingOn(id)
                returned.insert(id)
            case .speak(let id, let index, _):
                mustBeGoingOn(id)
                if index != segments[id, default: []].count { complaints.append("turn \(id) speaks out of order") }
                segments[id, default: []].append(index)
            case .stop(let id):
                mustBeGoingOn(id)
                if !stopped.insert(id).inserted { complaints.append("turn \(id) is stopped twice") }
            case .startSpeaking(let record):
                mustBeGoingOn(record.id)
                if !spoke.insert(record.id).inserted { complaints.append("turn \(record.id) starts speaking twice") }
            case .hold(let id):
                mustBeGoingOn(id)
                if !held.insert(id).inserted { complaints.append("turn \(id) is held twice") }
            case .release(let id):
                mustBeGoingOn(id)
                if held.remove(id) == nil { complaints.append("turn \(id) is released without being held") }
            case .publish(.answerHeld(let id)), .publish(.answerResumed(let id)), .endSegment(let id, _):
                mustBeGoingOn(id)
            case .publish(.speechStarted), .publish(.partialTranscript), .publish(.speechEnded):
                break
            case .publish(.speakingStarted), .publish(.turnEnded):
                complaints.append("what must be stored first is published at once")
            }
        }
    }

    private mutating func mustBeGoingOn(_ id: Turn.ID) {
        if !begun.contains(id) || ended.contains(id) { complaints.append("turn \(id) emits outside its time") }
    }

    private mutating func check(_ record: Turn.Record) {
        if record.playback.heard > record.playback.sent { complaints.append("more was heard than sent") }
        let words = record.answer.split(whereSeparator: \.isWhitespace)
        let heard = record.heardAnswer.split(whereSeparator: \.isWhitespace)
        if Array(words.prefix(heard.count)) != heard { complaints.append("words were heard that were not said") }
    }
}
