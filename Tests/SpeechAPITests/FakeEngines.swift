import Audio
import Foundation
import Speech
import Synchronization

/// A synthesiser whose speech is a tone of 100 ms for every piece, with silence after it if wanted.
final class ToneSynthesizer: SpeechSynthesizer {
    static let sampleRate = 22_050

    let name: String
    private let pieces: Int
    private let pause: Duration
    private let failsAfter: Int?
    private let record = Mutex<(segments: [String], options: [SynthesisOptions], pieces: Int)>(([], [], 0))

    init(name: String = "tone", pieces: Int = 2, pause: Duration = .zero, failsAfter: Int? = nil) {
        self.name = name
        self.pieces = pieces
        self.pause = pause
        self.failsAfter = failsAfter
    }

    /// What was to be spoken.
    var segments: [String] { record.withLock { $0.segments } }
    /// How it was to be spoken.
    var options: [SynthesisOptions] { record.withLock { $0.options } }
    /// How many pieces of sound were made.
    var madePieces: Int { record.withLock { $0.pieces } }

    func describe() async -> EngineDescription { .fake(name, .synthesizer, rate: Self.sampleRate) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { Voice.fakes }

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        record.withLock {
            $0.segments.append(segment)
            $0.options.append(options)
        }
        let made = Mutex(0)
        return SpeechAudio { [self] in
            let number = made.withLock { made in
                made += 1
                return made
            }
            if let failsAfter, number > failsAfter { throw SpeechError.failed(engine: name, reason: "it broke") }
            guard number <= pieces else { return nil }
            record.withLock { $0.pieces += 1 }
            var sound = PCM.tone(.milliseconds(100), sampleRate: Self.sampleRate)
            sound.append(.silence(pause, sampleRate: Self.sampleRate))
            return sound
        }
    }
}

/// A recogniser that always hears the same.
struct FixedRecognizer: SpeechRecognizer {
    let name = "fixed"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    var text = "Hello there."
    var language: String? = "en"

    func describe() async -> EngineDescription { .fake(name, .recognizer, rate: 16_000) }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        Transcript(text: text, language: language ?? self.language)
    }
}

/// A detector that takes everything for speech.
struct EverythingIsSpeech: VoiceActivityEngine, VoiceActivityDetector {
    let name = "everything"
    let sampleRate = 16_000
    let hangover: Duration = .zero

    func describe() async -> EngineDescription { .fake(name, .voiceActivity, rate: 16_000) }
    func makeDetector() async throws -> any VoiceActivityDetector { self }
    func process(_ samples: [Float]) async throws -> [VoiceActivity] {
        stride(from: 0, to: samples.count, by: 160).map { start in
            VoiceActivity(count: min(160, samples.count - start), isSpeech: true)
        }
    }
}

extension Voice {
    static let fakes = [
        Voice(engine: "tone", name: "joe", languages: ["en-US", "en"], summary: "Joe"),
        Voice(engine: "tone", name: "anna_maria", languages: ["de"], summary: "Anna Maria"),
        Voice(engine: "spare", name: "joe", languages: ["en"], summary: "Another Joe"),
    ]
}

extension EngineDescription {
    static func fake(_ name: String, _ role: Role, rate: Int, isThere: Bool = true) -> EngineDescription {
        EngineDescription(
            name: name,
            role: role,
            version: "1",
            licence: "MIT",
            languages: ["en"],
            sampleRate: rate,
            availability: isThere ? .available : .unavailable(reason: "/secret/folder/model is missing.")
        )
    }
}

extension PCM {
    /// A tone of 440 Hz at half of full scale.
    static func tone(_ duration: Duration, sampleRate: Int) -> PCM {
        let step = 2 * Double.pi * 440 / Double(sampleRate)
        return PCM(
            (0..<duration.samples(at: sampleRate)).map { Float(0.5 * sin(Double($0) * step)) },
            sampleRate: sampleRate
        )
    }
}
