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

    @Test func `a text is spoken segment by segment`() async throws {
        let engine = FakeSynthesizer("engine", pieces: 1)
        #expect(try await count(engine.speak("First sentence here. Second one! *** Third?")) == 3)
        #expect(throws: SpeechError.nothingToSay) { try engine.speak(" \u{7}*** ") }
        #expect(throws: SpeechError.textTooLong(count: 11, limit: 10)) { try engine.speak("hello there", limit: 10) }
    }

    private func count(_ speech: SpeechAudio) async throws -> Int {
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

private final class FakeSynthesizer: SpeechSynthesizer {
    let name: String
    private let pieces: Int
    private let fails: Bool
    private let count = Atomic(0)

    init(_ name: String, pieces: Int, fails: Bool = false) {
        self.name = name
        self.pieces = pieces
        self.fails = fails
    }

    var calls: Int { count.load(ordering: .relaxed) }
    func describe() async -> EngineDescription { fakeDescription(name) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { [] }
    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        count.add(1, ordering: .relaxed)
        let made = Mutex(0)
        return SpeechAudio { [name, pieces, fails] in
            let index = made.withLock { made in
                made += 1
                return made
            }
            if index <= pieces { return .silence(.milliseconds(100), sampleRate: 8000) }
            if fails { throw SpeechError.failed(engine: name, reason: "broke off") }
            return nil
        }
    }
}
