import Audio
import Resilience
import Synchronization
import Testing

@testable import Speech

@Suite(.timeLimit(.minutes(5))) struct FailoverTests {
    private let sound = PCM.silence(.seconds(1), sampleRate: 16000)
    private let trigger = CircuitBreaker.Policy(failureThreshold: 1, cooldown: .seconds(3600))

    @Test func `the next recogniser takes over from one that fails, which is then left alone`() async throws {
        let broken = FakeRecognizer("broken") { throw SpeechError.failed(engine: "broken", reason: "no") }
        let good = FakeRecognizer("good") { "words" }
        let both = FallbackRecognizer([broken, good], policy: trigger)
        #expect(try await both.transcribe(sound, language: nil).text == "words")
        #expect(try await both.transcribe(sound, language: nil).text == "words")
        #expect(broken.calls == 1)
        #expect(good.calls == 2)
    }

    @Test func `a failing recogniser is probed after its rest and used again`() async throws {
        let works = Atomic(false)
        let first = FakeRecognizer("first") {
            guard works.load(ordering: .relaxed) else { throw SpeechError.failed(engine: "first", reason: "no") }
            return "first"
        }
        let both = FallbackRecognizer(
            [first, FakeRecognizer("second") { "second" }],
            policy: .init(failureThreshold: 1, cooldown: .zero)
        )
        #expect(try await both.transcribe(sound, language: nil).text == "second")
        works.store(true, ordering: .relaxed)
        #expect(try await both.transcribe(sound, language: nil).text == "first")
        #expect(first.calls == 2)
    }

    @Test func `a recogniser that hears nothing where another hears something has failed`() async throws {
        let deaf = FakeRecognizer("deaf") { "" }
        let both = FallbackRecognizer([deaf, FakeRecognizer("good") { "words" }], policy: trigger)
        #expect(try await both.transcribe(sound, language: nil).text == "words")
        #expect(try await both.transcribe(sound, language: nil).text == "words")
        #expect(deaf.calls == 1)
    }

    @Test func `when nobody hears anything nothing was said and nobody failed`() async throws {
        let deaf = FakeRecognizer("deaf") { "" }
        let alone = FallbackRecognizer([deaf], policy: trigger)
        #expect(try await alone.transcribe(sound, language: nil).text == "")
        #expect(try await alone.transcribe(sound, language: nil).text == "")
        #expect(deaf.calls == 2)
    }

    @Test func `when all fail the error gives every reason, and later the rest`() async throws {
        let broken = FakeRecognizer("broken") { throw SpeechError.failed(engine: "broken", reason: "no luck.") }
        let alone = FallbackRecognizer([broken], policy: trigger)
        await #expect(
            throws: SpeechError.allFailed(role: .recognizer, reasons: ["The engine broken failed: no luck."])
        ) { try await alone.transcribe(sound, language: nil) }
        do {
            _ = try await alone.transcribe(sound, language: nil)
            Issue.record("no error")
        } catch let error as SpeechError {
            #expect(error.description.contains("rest for"))
        }
        #expect(broken.calls == 1)
    }

    @Test func `a refused request is not the engine's fault, and others are asked`() async throws {
        let strict = FakeRecognizer("strict") { throw SpeechError.refused(engine: "strict", reason: "it answers 400.") }
        let alone = FallbackRecognizer([strict], policy: trigger)
        for _ in 0..<3 {
            await #expect(throws: SpeechError.refused(engine: "strict", reason: "it answers 400.")) {
                try await alone.transcribe(sound, language: "zz")
            }
        }
        #expect(strict.calls == 3)
        let both = FallbackRecognizer([strict, FakeRecognizer("good") { "words" }], policy: trigger)
        #expect(try await both.transcribe(sound, language: "zz").text == "words")
    }

    @Test func `when no engine is there they are unavailable, not failed`() async throws {
        let gone = ["a", "b"].map { name in
            FakeRecognizer(name) { throw SpeechError.unavailable(engine: name, reason: "its file is missing.") }
        }
        let error = await #expect(throws: SpeechError.self) {
            try await FallbackRecognizer(gone, policy: trigger).transcribe(sound, language: nil)
        }
        guard case .unavailable("a,b", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a busy engine is no failed engine`() async throws {
        let busy = FakeRecognizer("busy") { throw SpeechError.busy(engine: "busy", retryAfter: .seconds(1)) }
        let other = FakeRecognizer("other") { "words" }
        let both = FallbackRecognizer([busy, other], policy: trigger)
        for _ in 0..<2 {
            await #expect(throws: SpeechError.busy(engine: "busy", retryAfter: .seconds(1))) {
                try await both.transcribe(sound, language: nil)
            }
        }
        #expect(other.calls == 0)
    }

    @Test func `a synthesiser that succeeds with nothing has failed`() async throws {
        let mute = FakeSynthesizer("mute", pieces: 0)
        let both = FallbackSynthesizer([mute, FakeSynthesizer("good", pieces: 2)], policy: trigger)
        for _ in 0..<2 {
            #expect(try await count(both.synthesize("Hello", options: .standard)) == 2)
        }
        #expect(mute.calls == 1)
    }

    @Test func `a synthesiser that fails after its first sound is not replaced`() async throws {
        let good = FakeSynthesizer("good", pieces: 2)
        let both = FallbackSynthesizer([FakeSynthesizer("breaks", pieces: 1, fails: true), good])
        await #expect(throws: SpeechError.self) { try await count(both.synthesize("Hello", options: .standard)) }
        #expect(good.calls == 0)
    }

    @Test func `the engine of the wanted voice is asked first`() async throws {
        let first = FakeSynthesizer("first", pieces: 1)
        let second = FakeSynthesizer("second", pieces: 1)
        let both = FallbackSynthesizer([first, second])
        let voice = Voice(engine: "second", name: "v", languages: [], summary: "")
        _ = try await count(both.synthesize("Hello", options: SynthesisOptions(voice: voice)))
        #expect(first.calls == 0)
        #expect(second.calls == 1)
    }

    private static let voice = Voice(engine: "first", name: "v", languages: [], summary: "")

    @Test func `a voice asked for by name is not spoken by another engine`() async throws {
        let broken = FakeSynthesizer("first", pieces: 0, fails: true)
        let good = FakeSynthesizer("second", pieces: 1)
        let both = FallbackSynthesizer([broken, good], policy: trigger)
        let options = try SynthesisOptions(voice: Self.voice, mayReplaceVoice: false)
        // The second time the engine rests.
        for call in 0..<2 {
            let error = await #expect(throws: SpeechError.self) {
                try await count(both.synthesize("Hello", options: options))
            }
            guard case .voiceUnusable(Speaker(engine: "first", voice: "v"), _, let retryAfter) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect((retryAfter != nil) == (call == 1))
            #expect(error?.description.contains("first/v") == true)
        }
        #expect(good.calls == 0)
        let speaker = both.speaker(with: try SynthesisOptions(voice: Self.voice))
        #expect(try await count(speaker.speak("Hello")) == 1)
        #expect(speaker.speaker == Speaker(engine: "second", voice: "second's"))
    }

    @Test func `a voice whose engine is busy is named with the time to come back, and others wait as before`()
        async throws
    {
        let time = Duration.seconds(3)
        let busy = FakeSynthesizer("first", pieces: 0, error: .busy(engine: "first", retryAfter: time))
        let both = FallbackSynthesizer([busy, FakeSynthesizer("second", pieces: 1)])
        let error = SpeechError.busy(engine: "first", retryAfter: time)
        let named = try SynthesisOptions(voice: Self.voice, mayReplaceVoice: false)
        await #expect(
            throws: SpeechError.voiceUnusable(
                Speaker(engine: "first", voice: "v"),
                cause: error,
                retryAfter: time
            )
        ) { try await count(both.synthesize("Hello", options: named)) }
        await #expect(throws: error) { try await count(both.synthesize("Hello", options: .standard)) }
    }

    @Test func `a voice whose engine is not in use cannot be used`() async throws {
        let both = FallbackSynthesizer([FakeSynthesizer("second", pieces: 1)])
        let options = try SynthesisOptions(voice: Self.voice, mayReplaceVoice: false)
        await #expect(throws: SpeechError.self) { try await count(both.synthesize("Hello", options: options)) }
    }

    @Test func `a refusal of the request is passed on and not blamed on the voice`() async throws {
        let refusal = SpeechError.refused(engine: "first", reason: "it answers 400.")
        let both = FallbackSynthesizer([FakeSynthesizer("first", pieces: 0, error: refusal)])
        let options = try SynthesisOptions(voice: Self.voice, mayReplaceVoice: false)
        await #expect(throws: refusal) { try await count(both.synthesize("Hello", options: options)) }
    }

    @Test func `one engine speaks all of a text, also when it fails in the middle`() async throws {
        let first = FakeSynthesizer("first", pieces: 1, failsFromCall: 2)
        let second = FakeSynthesizer("second", pieces: 1)
        let both = FallbackSynthesizer([first, second], policy: trigger)
        let text = "First sentence here. Second one here. Third one here."
        let speech = try both.speak(text)
        #expect(speech.speaker == nil)
        await #expect(throws: SpeechError.self) { try await count(speech) }
        #expect(speech.speaker == Speaker(engine: "first", voice: "first's"))
        #expect(second.calls == 0)
        // The next text begins on the other one and stays there.
        let next = try both.speak(text)
        #expect(try await count(next) == 3)
        #expect(next.speaker?.id == "second/second's")
        #expect(first.calls == 2)
    }

    @Test func `a text that another engine has begun is not given back when the first one recovers`() async throws {
        let first = FakeSynthesizer("first", pieces: 1, failsUpToCall: 1)
        let second = FakeSynthesizer("second", pieces: 1)
        let both = FallbackSynthesizer([first, second], policy: .init(failureThreshold: 1, cooldown: .zero))
        let speech = try both.speak("First sentence here. Second one here. Third one here.")
        #expect(try await count(speech) == 3)
        #expect(first.calls == 1)
        #expect(second.calls == 3)
        #expect(try await count(both.speak("Another text.")) == 1)
        #expect(first.calls == 2)
    }

    @Test func `an engine that breaks off is counted as failed`() async throws {
        let breaks = FakeSynthesizer("breaks", pieces: 1, fails: true)
        let good = FakeSynthesizer("good", pieces: 1)
        let both = FallbackSynthesizer([breaks, good], policy: trigger)
        await #expect(throws: SpeechError.self) { try await count(both.synthesize("Hello", options: .standard)) }
        #expect(try await count(both.synthesize("Hello", options: .standard)) == 1)
        #expect(breaks.calls == 1)
        #expect(good.calls == 1)
    }

    @Test func `a text is spoken segment by segment`() async throws {
        let engine = FakeSynthesizer("engine", pieces: 1)
        #expect(try await count(engine.speak("First sentence here. Second one! *** Third?")) == 3)
        #expect(throws: SpeechError.nothingToSay) { try engine.speak(" \u{7}*** ") }
        #expect(throws: SpeechError.textTooLong(count: 11, limit: 10)) { try engine.speak("hello there", limit: 10) }
    }

    private func count(_ speech: some AsyncSequence<PCM, any Error>) async throws -> Int {
        var count = 0
        for try await _ in speech { count += 1 }
        return count
    }
}

private func fakeDescription(_ name: String) -> EngineDescription {
    EngineDescription(
        name: name,
        role: .recognizer,
        version: nil,
        licence: "MIT",
        languages: [],
        sampleRate: nil,
        availability: .available
    )
}

private final class FakeRecognizer: SpeechRecognizer {
    let name: String
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    private let count = Atomic(0)
    private let answer: @Sendable () throws -> String

    init(_ name: String, answer: @escaping @Sendable () throws -> String) {
        self.name = name
        self.answer = answer
    }

    var calls: Int { count.load(ordering: .relaxed) }
    func describe() async -> EngineDescription { fakeDescription(name) }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        count.add(1, ordering: .relaxed)
        return Transcript(text: try answer())
    }
}

/// A synthesiser that makes some pieces of sound for each segment, or fails with `error` after them if it is to fail.
private final class FakeSynthesizer: SpeechSynthesizer {
    let name: String
    private let pieces: Int
    private let error: SpeechError?
    private let failingCalls: ClosedRange<Int>?
    private let count = Atomic(0)

    init(
        _ name: String,
        pieces: Int,
        fails: Bool = false,
        error: SpeechError? = nil,
        failsFromCall: Int? = nil,
        failsUpToCall: Int? = nil
    ) {
        self.name = name
        self.pieces = pieces
        let breaksOff = SpeechError.failed(engine: name, reason: "broke off")
        failingCalls = failsFromCall.map { $0...Int.max } ?? failsUpToCall.map { 1...$0 }
        self.error = error ?? (fails || failingCalls != nil ? breaksOff : nil)
    }

    var calls: Int { count.load(ordering: .relaxed) }
    var defaultVoice: String { name + "'s" }
    func describe() async -> EngineDescription { fakeDescription(name) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { [] }
    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        let call = count.add(1, ordering: .relaxed).newValue
        let failsAtOnce = failingCalls?.contains(call) ?? false
        let failsAtEnd = failingCalls == nil
        let made = Mutex(0)
        return SpeechAudio { [pieces, error] in
            if failsAtOnce, let error { throw error }
            let index = made.withLock { made in
                made += 1
                return made
            }
            if index <= pieces { return .silence(.milliseconds(100), sampleRate: 8000) }
            if failsAtEnd, let error { throw error }
            return nil
        }
    }
}
