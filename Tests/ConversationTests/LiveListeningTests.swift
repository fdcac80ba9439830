import Audio
import Dialogue
import Speech
import Storage
import Synchronization
import Testing

@testable import Conversation

/// Hears what it is told to, one after another, and "heard" after that.
private final class ToldRecognizer: SpeechRecognizer {
    let name = "told"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    private let texts: Mutex<[String]>
    let lengths = Mutex<[Int]>([])

    init(_ texts: [String] = []) { self.texts = Mutex(texts) }

    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        lengths.withLock { $0.append(audio.samples.count) }
        return Transcript(text: texts.withLock { $0.isEmpty ? "heard" : $0.removeFirst() })
    }
}

/// Counts how often it is asked.
private final class CountingResponder: Responder {
    let name = "counting"
    let prompts = Mutex<[String]>([])

    func respond(to prompt: Prompt) -> Response {
        prompts.withLock { $0.append(prompt.text) }
        return Response(text: "One two three.")
    }
}

/// Sound as it comes from a microphone, in sessions whose engines are made up.
@Suite struct LiveListeningTests {
    private func tone(_ milliseconds: Int) -> [Float] {
        (0..<(16 * milliseconds)).map { index in index % 40 < 20 ? 0.3 : -0.3 }
    }

    private func silence(_ milliseconds: Int) -> [Float] { [Float](repeating: 0, count: 16 * milliseconds) }

    private func session(
        _ recognizer: any SpeechRecognizer,
        _ responder: any Responder = EchoResponder(),
        seconds: Double = 1,
        _ change: (inout ConversationMachine.Configuration) -> Void = { _ in }
    ) -> Session {
        var configuration = ConversationMachine.Configuration.of(.immediate)
        // On a busy machine the test may come to its next piece late.
        configuration.turnTaking.longestGap = .seconds(600)
        change(&configuration)
        return Session(
            id: "test",
            parts: SessionParts(
                voiceActivity: EnergyEngine(),
                recognizer: recognizer,
                responder: responder,
                output: SynthesizedOutput(CountingSynthesizer(seconds: seconds))
            ),
            configuration: configuration
        )
    }

    @Test(arguments: [1, 128, 480, 683, 4096])
    func `the size of the pieces in which sound comes changes nothing`(size: Int) async throws {
        let recognizer = ToldRecognizer(["What time is it?"])
        let session = session(recognizer)
        var reader = await session.reader()
        let sound = silence(700) + tone(900) + silence(1500)
        for start in stride(from: 0, to: sound.count, by: size) {
            try await session.hear(PCM(Array(sound[start..<min(start + size, sound.count)]), sampleRate: 16000))
            if start % 16000 < size { await session.settle() }
        }
        await session.settle()
        await session.close()
        var started: [Int] = []
        var ended: [Int] = []
        var transcripts: [String] = []
        while let reading = await reader.next() {
            guard case .event(let event) = reading else { continue }
            switch event.kind {
            case .speechStarted(_, let sample): started.append(sample)
            case .speechEnded(_, let sample, _): ended.append(sample)
            case .transcript(_, let text): transcripts.append(text)
            default: break
            }
        }
        #expect(started.count == 1 && ended.count == 1)
        #expect(transcripts == ["What time is it?"])
        // The beginning is whole: what is transcribed starts before the tone.
        #expect(try #require(started.first) <= 16 * 700)
        #expect(abs(try #require(ended.first) - 16 * 1600) < 16 * 40)
    }

    @Test func `an answer begun ahead is taken when nothing follows and is asked for once`() async throws {
        let responder = CountingResponder()
        let session = session(ToldRecognizer(["What time is it?"]), responder)
        var reader = await session.listener()
        try await session.hear(PCM(tone(600) + silence(200), sampleRate: 16000))
        await session.settle()
        try await session.hear(PCM(silence(600), sampleRate: 16000))
        var answer = ""
        while let reading = await reader.next() {
            guard case .event(let event) = reading, case .turnEnded(let record) = event.kind else { continue }
            #expect(record.outcome == .completed)
            answer = record.heardAnswer
            break
        }
        #expect(answer == "One two three.")
        #expect(responder.prompts.withLock { $0 } == ["What time is it?"])
        await session.close()
    }

    @Test func `an answer begun ahead is thrown away unheard and unstored when the user goes on`() async throws {
        let responder = CountingResponder()
        let session = session(ToldRecognizer(["Tell me.", "Tell me. The time."]), responder) {
            $0.turnTaking.minimumSilence = .milliseconds(400)
        }
        var reader = await session.listener()
        try await session.hear(PCM(tone(600) + silence(250), sampleRate: 16000))
        await session.settle()
        try await session.hear(PCM(tone(600) + silence(250), sampleRate: 16000))
        await session.settle()
        try await session.hear(PCM(silence(600), sampleRate: 16000))
        var turns = 0
        reading: while let reading = await reader.next() {
            guard case .event(let event) = reading else { continue }
            switch event.kind {
            case .turnStarted: turns += 1
            case .transcript(_, let text): #expect(text == "Tell me. The time.")
            case .turnEnded: break reading
            default: break
            }
        }
        #expect(turns == 1)
        #expect(responder.prompts.withLock { $0 }.last == "Tell me. The time.")
        await session.close()
    }

    @Test func `a held answer goes on with the next sample`() async throws {
        let recognizer = ToldRecognizer(["Hello.", "Mhm."])
        let session = session(recognizer, Fixed("One two three."), seconds: 3) {
            $0.playbackClock = .realtime
            $0.turnTaking.interruption = .twoStep
            $0.turnTaking.pacing = .pieces(ahead: .milliseconds(200))
        }
        var reader = await session.listener()
        try await session.hear(PCM(tone(600) + silence(200), sampleRate: 16000))
        await session.settle()
        try await session.hear(PCM(silence(600), sampleRate: 16000))
        var samples: [Float] = []
        var kinds: [String] = []
        var spokeOver = false
        reading: while let reading = await reader.next() {
            switch reading {
            case .sound(let piece):
                samples += piece.sound.samples
                if samples.count >= 500, !spokeOver {
                    spokeOver = true
                    try await session.hear(PCM(tone(400) + silence(200), sampleRate: 16000))
                    await session.settle()
                    try await session.hear(PCM(silence(600), sampleRate: 16000))
                }
            case .event(let event):
                switch event.kind {
                case .answerHeld: kinds.append("held")
                case .answerResumed: kinds.append("resumed")
                case .turnEnded(let record):
                    #expect(record.outcome == .completed)
                    break reading
                default: break
                }
            default: break
            }
        }
        #expect(kinds == ["held", "resumed"])
        #expect(samples == CountingSynthesizer.samples(3))
        await session.close()
    }

    @Test func `sound is sent no further ahead than asked for`() async throws {
        let session = session(ToldRecognizer(), Fixed("One two three."), seconds: 1) {
            $0.playbackClock = .realtime
            $0.turnTaking.pacing = .pieces(ahead: .milliseconds(200))
        }
        var reader = await session.listener()
        await session.write("Hello")
        let clock = ContinuousClock()
        var start: ContinuousClock.Instant?
        var sent: Duration = .zero
        while let reading = await reader.next() {
            if case .sound(let piece) = reading {
                start = start ?? clock.now
                let played = clock.now - (start ?? clock.now)
                #expect(sent - played <= .milliseconds(205))
                sent += piece.sound.duration
            }
            if case .event(let event) = reading, case .turnEnded = event.kind { break }
        }
        #expect(sent == .seconds(1))
        await session.close()
    }

    @Test func `a segment is sent as a whole and its end is marked`() async throws {
        let session = session(ToldRecognizer(), Fixed("One two three four. Five six seven eight."), seconds: 0.5) {
            $0.playbackClock = .realtime
            $0.turnTaking.pacing = .segments(ahead: .milliseconds(200))
        }
        var reader = await session.listener()
        await session.write("Hello")
        var ends: [Int] = []
        var lengths: [Int: Int] = [:]
        while let reading = await reader.next() {
            if case .sound(let piece) = reading {
                lengths[piece.segment, default: 0] += piece.sound.samples.count
                if piece.endsSegment { ends.append(piece.segment) }
            }
            if case .event(let event) = reading, case .turnEnded = event.kind { break }
        }
        #expect(ends == [0, 1])
        #expect(lengths == [0: 500, 1: 500])
        await session.close()
    }

    @Test func `a user who never stops is answered when the limit is reached`() async throws {
        let session = session(ToldRecognizer(["And on", "and on"])) {
            $0.turnTaking.longestUtterance = .seconds(2)
            $0.turnTaking.interruption = .never
        }
        var reader = await session.listener()
        try await session.hear(PCM(tone(3000), sampleRate: 16000))
        while let reading = await reader.next() {
            guard case .event(let event) = reading, case .transcript(_, let text) = event.kind else { continue }
            #expect(text == "And on")
            break
        }
        await session.close()
    }

    @Test func `a silent user is spoken to once`() async throws {
        let session = session(ToldRecognizer()) {
            $0.turnTaking.idlePrompt = .init(after: .milliseconds(50), saying: "Are you still there?")
        }
        var reader = await session.listener()
        await session.write("Hello")
        var answers: [String] = []
        while answers.count < 2, let reading = await reader.next() {
            guard case .event(let event) = reading, case .turnEnded(let record) = event.kind else { continue }
            answers.append(record.heardAnswer)
        }
        #expect(answers == ["Hello", "Are you still there?"])
        await session.close()
    }

    @Test func `who never says anything is spoken to as well`() async throws {
        let session = session(ToldRecognizer()) {
            $0.turnTaking.idlePrompt = .init(after: .milliseconds(50), saying: "Hello?")
        }
        var reader = await session.listener()
        while let reading = await reader.next() {
            guard case .event(let event) = reading, case .turnEnded(let record) = event.kind else { continue }
            #expect(record.heardAnswer == "Hello?")
            break
        }
        await session.close()
    }

    @Test func `an utterance whose sound stops coming is over`() async throws {
        let session = session(ToldRecognizer(["Hello there."])) { $0.turnTaking.longestGap = .milliseconds(50) }
        var reader = await session.listener()
        try await session.hear(PCM(tone(600), sampleRate: 16000))
        while let reading = await reader.next() {
            guard case .event(let event) = reading, case .transcript(_, let text) = event.kind else { continue }
            #expect(text == "Hello there.")
            break
        }
        await session.close()
    }
}
