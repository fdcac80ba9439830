import Audio
import Speech
import Synchronization

/// A synthesiser that makes half a second of a tone for every segment and remembers what it was asked.
final class FakeSynthesizer: SpeechSynthesizer {
    struct Call: Equatable {
        var text: String
        var voice: String?
        var speed: Double
    }

    private let log = Mutex<[Call]>([])
    var calls: [Call] { log.withLock { $0 } }
    private let failure: SpeechError?
    private let failsLater: Bool

    /// A synthesiser that fails with `failure`, at once or, if it `failsLater`, after the first piece of sound.
    init(_ name: String = "fake", failure: SpeechError? = nil, failsLater: Bool = false) {
        self.name = name
        self.failure = failure
        self.failsLater = failsLater
    }

    let name: String

    func describe() async -> EngineDescription { .fake(name, .synthesizer) }

    func voices() async throws -> [Voice] { [] }

    func prepare() async throws {}

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        log.withLock {
            $0.append(Call(text: segment, voice: options.voice?.id, speed: options.speed))
        }
        let tone = PCM.tone(.milliseconds(250), sampleRate: 22_050)
        let pieces = Pieces([tone, tone], failure: failure, failsLater: failsLater)
        return SpeechAudio { try await pieces.next() }
    }

    private actor Pieces {
        private var pieces: [PCM]
        private let failure: SpeechError?
        private var failsLater: Bool

        init(_ pieces: [PCM], failure: SpeechError?, failsLater: Bool) {
            self.pieces = pieces
            self.failure = failure
            self.failsLater = failsLater
        }

        func next() throws -> PCM? {
            if let failure, !failsLater { throw failure }
            failsLater = false
            return pieces.isEmpty ? nil : pieces.removeFirst()
        }
    }
}

/// A recogniser that hears one text after the other, and nothing when there are no more.
final class FakeRecognizer: SpeechRecognizer {
    private let log = Mutex<[String?]>([])
    /// The languages that were asked for.
    var languages: [String?] { log.withLock { $0 } }
    private let texts: Mutex<[String]>
    private let knownLanguages: [String]
    private let failure: SpeechError?

    init(_ texts: String..., languages: [String] = ["en"], failure: SpeechError? = nil) {
        self.texts = Mutex(texts)
        knownLanguages = languages
        self.failure = failure
    }

    var name: String { "fake" }
    var partialInterval: Duration? { nil }
    var longestUtterance: Duration { .seconds(30) }

    func describe() async -> EngineDescription { .fake(name, .recognizer, languages: knownLanguages) }

    func prepare() async throws {}

    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        if let failure { throw failure }
        log.withLock { $0.append(language) }
        return Transcript(text: texts.withLock { $0.isEmpty ? "" : $0.removeFirst() }, language: language)
    }
}

/// Voice activity that takes every sound above a threshold for speech.
struct FakeVoiceActivity: VoiceActivityEngine {
    var name: String { "fake" }

    func describe() async -> EngineDescription { .fake(name, .voiceActivity) }

    func makeDetector() async throws -> any VoiceActivityDetector { Detector() }

    private actor Detector: VoiceActivityDetector {
        private static let window = 512
        private var pending: [Float] = []

        nonisolated var sampleRate: Int { 16_000 }
        nonisolated var hangover: Duration { .zero }

        func process(_ samples: [Float]) async throws -> [VoiceActivity] {
            pending += samples
            var activity: [VoiceActivity] = []
            while pending.count >= Self.window {
                let isSpeech = pending.prefix(Self.window).contains { abs($0) > 0.1 }
                activity.append(VoiceActivity(count: Self.window, isSpeech: isSpeech))
                pending.removeFirst(Self.window)
            }
            return activity
        }
    }
}

extension EngineDescription {
    fileprivate static func fake(_ name: String, _ role: Role, languages: [String] = ["en"]) -> EngineDescription {
        EngineDescription(
            name: name,
            role: role,
            version: "1",
            licence: "MIT",
            languages: languages,
            sampleRate: nil,
            availability: .available
        )
    }
}

extension PCM {
    /// A square wave of 100 Hz.
    static func tone(_ duration: Duration, sampleRate: Int = 16_000) -> PCM {
        let half = sampleRate / 200
        return PCM(
            (0..<duration.samples(at: sampleRate)).map { $0 / half % 2 == 0 ? 0.4 : -0.4 },
            sampleRate: sampleRate
        )
    }

    /// Two utterances of a second, with silence before, between and after them: six seconds.
    static var twoUtterances: PCM {
        var sound = PCM.silence(.seconds(1), sampleRate: 16_000)
        sound.append(.tone(.seconds(1)))
        sound.append(.silence(.seconds(2), sampleRate: 16_000))
        sound.append(.tone(.seconds(1)))
        sound.append(.silence(.seconds(1), sampleRate: 16_000))
        return sound
    }
}
