import Audio
import Foundation
import Synchronization
import TestProcess
import Testing

@testable import Speech

/// The folder that scripts/setup fills.
private let models = ModelStore(
    folder: ProcessInfo.processInfo.environment["ANTIPHON_MODELS_PATH"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../models")
        .standardizedFileURL.path
)
private let hasModels = FileManager.default.fileExists(atPath: models.folder + "/samples/beckett.wav")

/// The real engines on real speech.
@Suite(.enabled(if: hasModels, "the models are missing; run scripts/setup"), .serialized, .timeLimit(.minutes(2)))
struct EngineTests {
    private func recording(_ name: String) throws -> PCM {
        try AudioDecoder.decode(file: models.folder + "/samples/\(name).wav")
    }

    private func sound(_ speech: some AsyncSequence<PCM, any Error>) async throws -> PCM {
        var whole: PCM?
        for try await piece in speech {
            if whole == nil { whole = piece } else { whole?.append(piece) }
        }
        return try #require(whole)
    }

    @Test func `every local engine is available`() async throws {
        for description in await (try SpeechEngines(configuration: configuration())).describe() {
            #expect(description.availability == .available, "\(description.name)")
            #expect(!description.licence.isEmpty)
        }
    }

    @Test func `moonshine writes down what beckett says`() async throws {
        let recognizer = MoonshineRecognizer(models: models)
        let text = try await recognizer.transcribe(try recording("beckett"), language: nil).text.lowercased()
        for words in ["ever tried", "no matter", "fail better"] { #expect(text.contains(words), "\(text)") }
    }

    @Test func `one moonshine handle serves many callers without mixing them up`() async throws {
        let recognizer = MoonshineRecognizer(models: models, capacity: 8)
        let sound = try recording("beckett").prefix(.seconds(3))
        let expected = try await recognizer.transcribe(sound, language: nil)
        try await withThrowingTaskGroup(of: Transcript.self) { group in
            for _ in 0..<6 { group.addTask { try await recognizer.transcribe(sound, language: nil) } }
            for try await transcript in group { #expect(transcript == expected) }
        }
    }

    @Test func `a long recording is cut at silences and has times`() async throws {
        let engines = try SpeechEngines(configuration: configuration())
        let transcript = try await FileTranscription(
            voiceActivity: engines.voiceActivity,
            recognizer: engines.recognizer
        ).transcribe(try recording("two_cities"))
        #expect(transcript.text.lowercased().contains("it was the best of times"))
        #expect(transcript.segments.count > 2)
        #expect(zip(transcript.segments, transcript.segments.dropFirst()).allSatisfy { $0.start < $1.start })
        #expect((transcript.segments.last?.end ?? 0) <= 45)
    }

    /// The sound without what is silent before and behind it.
    private func tight(_ sound: PCM) -> PCM {
        let threshold = sound.peak * 0.03
        let audible = sound.samples.indices.filter { abs(sound.samples[$0]) > threshold }
        return PCM(Array(sound.samples[(audible.first ?? 0)...(audible.last ?? 0)]), sampleRate: sound.sampleRate)
    }

    @Test func `espeak-ng speaks with every voice that it lists`() async throws {
        let synthesizer = EspeakSynthesizer()
        let voices = try await synthesizer.voices()
        for name in ["en-us", "en-gb", "fr-fr"] { #expect(voices.contains { $0.name == name }) }
        for voice in voices {
            let spoken = try await sound(synthesizer.synthesize("2", options: SynthesisOptions(voice: voice)))
            #expect(spoken.duration > .zero, "\(voice.name)")
        }
    }

    // What piper says is a little different each time, so a word may be misheard now and then.

    @Test func `the last word of a brisk phrase is heard`() async throws {
        let engines = try SpeechEngines(configuration: configuration())
        var lost: [String] = []
        for speed in [1.4, 1.5] {
            let options = try SynthesisOptions(speed: speed)
            let spoken = try await sound(engines.synthesizer.speak("Can I get it to go?", options: options))
            for sound in [spoken, tight(spoken)] {
                let transcript = try await engines.recognizer.transcribe(sound, language: nil)
                if !transcript.text.filter({ $0.isLetter || $0 == " " }).hasSuffix("go") {
                    lost.append(transcript.text)
                }
                #expect(transcript.segments.allSatisfy { $0.start >= 0 && $0.end <= sound.duration.seconds })
            }
        }
        #expect(lost.count <= 1, "\(lost)")
    }

    @Test func `a word cut tightly is heard, and once`() async throws {
        let engines = try SpeechEngines(configuration: configuration())
        let files = FileTranscription(voiceActivity: engines.voiceActivity, recognizer: engines.recognizer)
        var misheard: [String] = []
        for word in ["yes", "no", "stop", "hello", "seven", "okay", "please", "wait"] {
            let spoken = tight(try await sound(engines.synthesizer.speak("\(word).")))
            let heard = try await engines.recognizer.transcribe(spoken, language: nil).text.lowercased()
            if heard.filter(\.isLetter) != word { misheard.append(heard) }
            let recording = try await files.transcribe(spoken)
            if !recording.text.lowercased().contains(word) { misheard.append(recording.text) }
            #expect(recording.segments.allSatisfy { $0.end <= spoken.duration.seconds })
        }
        #expect(misheard.count <= 3, "\(misheard)")
    }

    @Test(arguments: [PiperSynthesizer.name, EspeakSynthesizer.name])
    func `what a synthesiser says the recogniser understands`(engine: String) async throws {
        var configuration = configuration()
        configuration.synthesizers = [engine]
        let engines = try SpeechEngines(configuration: configuration)
        let spoken = try await sound(engines.synthesizer.speak("Good morning. How are you today?"))
        let text = try await engines.recognizer.transcribe(spoken, language: nil).text.lowercased()
        // The recogniser sometimes writes "to-day".
        let words = text.replacing("-", with: "")
        #expect(words.contains("morning") && words.contains("today"), "\(text)")
    }

    @Test(arguments: [PiperSynthesizer.name, EspeakSynthesizer.name])
    func `the ends of headings and list items are pauses and wrapped lines flow`(engine: String) async throws {
        var configuration = configuration()
        configuration.synthesizers = [engine]
        let synthesizer = try SpeechEngines(configuration: configuration).synthesizer
        func pauses(in text: String) async throws -> Int {
            try await sound(synthesizer.speak(text)).pauses(of: .milliseconds(120))
        }
        #expect(try await pauses(in: "# Your shopping\nWe need some") == 1)
        #expect(try await pauses(in: "- yellow lemons\n- more water\n- new rolls") == 2)
        #expect(try await pauses(in: "Hello there. How are you?") == 1)
        #expect(try await pauses(in: "We need some\nyellow lemons and\nmore water") == 0)
    }

    @Test(arguments: [PiperSynthesizer.name, EspeakSynthesizer.name])
    func `amounts are heard as people say them`(engine: String) async throws {
        var configuration = configuration()
        configuration.synthesizers = [engine]
        let engines = try SpeechEngines(configuration: configuration)
        let written = try await sound(engines.synthesizer.speak("World War II cost $1.4 billion."))
        let said = try await sound(engines.synthesizer.speak("World War two cost one point four billion dollars."))
        #expect(abs(written.duration / said.duration - 1) < 0.15)
    }

    @Test(arguments: [PiperSynthesizer.name, EspeakSynthesizer.name], [0.5, 2.0])
    func `speed changes the length of speech`(engine: String, speed: Double) async throws {
        var configuration = configuration()
        configuration.synthesizers = [engine]
        let synthesizer = try SpeechEngines(configuration: configuration).synthesizer
        let text = "This is a sentence of some length, spoken at several speeds."
        let natural = try await sound(synthesizer.speak(text)).duration.seconds
        let changed = try await sound(synthesizer.speak(text, options: SynthesisOptions(speed: speed))).duration.seconds
        #expect(abs(natural / changed / speed - 1) < 0.35, "\(natural / changed) instead of \(speed)")
    }

    @Test func `the highest speed is faster than twice the natural one`() async throws {
        let engines = try SpeechEngines(configuration: configuration())
        let text = "This is a sentence of some length, spoken at several speeds."
        let natural = try await sound(engines.synthesizer.speak(text)).duration
        let fastest = try await sound(engines.synthesizer.speak(text, options: SynthesisOptions(speed: 4))).duration
        #expect(natural / fastest > 2)
    }

    @Test func `silero hears speech where there is some`() async throws {
        let detector = try await SileroEngine(models: models).makeDetector()
        let sound = try recording("beckett").resampled(to: detector.sampleRate)
        let speech = try await detector.process(sound.samples).count(where: \.isSpeech)
        let silence = try await (try await SileroEngine(models: models).makeDetector())
            .process([Float](repeating: 0, count: 160_000)).count(where: \.isSpeech)
        #expect(speech > 50)
        #expect(silence == 0)
    }

    @Test func `a detector that is given back is used again, and has forgotten what it heard`() throws {
        let library = try SileroLibrary(models)
        let sound = try recording("beckett").resampled(to: SileroLibrary.sampleRate).prefix(.seconds(3)).samples
        var loan: SileroLoan? = try library.lend()
        let expected = try loan?.model.process(sound)
        let first = try #require(loan?.model)
        // In the midst of speech, and of a window.
        _ = try loan?.model.process(Array(sound.dropLast(sound.count / 2 + 100)))
        loan = nil
        let second = try library.lend()
        #expect(second.model === first)
        #expect(try second.model.process(sound) == expected)
        // While it is in use, others get another.
        #expect(try library.lend().model !== first)
    }

    @Test func `espeak-ng speaks a hundred languages and knows which`() async throws {
        let voices = try await EspeakSynthesizer().voices()
        #expect(voices.count > 100)
        #expect(voices.first?.name == "en-us")
        let german = try #require(voices.first { $0.name == "de" })
        let options = try SynthesisOptions(voice: german)
        #expect(
            try await sound(EspeakSynthesizer().synthesize("Guten Tag", options: options)).duration > .milliseconds(300)
        )
    }

    @Test func `every engine on this machine refuses more calls than the capacity allows`() async throws {
        var configuration = configuration()
        configuration.capacity = 1
        configuration.voiceActivity = [SileroEngine.name]
        let silence = [Float](repeating: 0, count: 20 * 16_000)
        let sound = PCM(silence, sampleRate: 16_000)
        let text = String(repeating: "The procession went on and on, past the mill. ", count: 8)
        for synthesizer in [EspeakSynthesizer.name, PiperSynthesizer.name] {
            configuration.synthesizers = [synthesizer]
            let engines = try SpeechEngines(configuration: configuration)
            let sentence = synthesizer == PiperSynthesizer.name ? String(text.prefix(45)) : text
            let unspoken = await refusals {
                for try await _ in engines.synthesizer.synthesize(sentence, options: .standard) {}
            }
            #expect(unspoken > 0, "\(synthesizer)")
        }
        let engines = try SpeechEngines(configuration: configuration)
        try await engines.recognizer.prepare()
        let unheard = await refusals { _ = try await engines.recognizer.transcribe(sound, language: nil) }
        #expect(unheard > 0)
        var detectors: [any VoiceActivityDetector] = []
        for _ in 0..<8 { detectors.append(try await engines.voiceActivity.makeDetector()) }
        let next = Atomic(0)
        let all = detectors
        let refused = await refusals {
            let detector = all[next.add(1, ordering: .relaxed).oldValue % all.count]
            _ = try await detector.process(silence)
        }
        #expect(refused > 0)
    }

    /// How many of eight calls at the same time are refused for want of room.
    private func refusals(_ call: @escaping @Sendable () async throws -> Void) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do {
                        try await call()
                        return false
                    } catch SpeechError.busy {
                        return true
                    } catch {
                        Issue.record("\(error)")
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test func `a damaged model file is named`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("antiphon-\(UUID())")
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("silero"),
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/sherpa-onnx",
            withDestinationPath: models.folder + "/sherpa-onnx"
        )
        var model = try Data(contentsOf: URL(fileURLWithPath: models.folder + "/silero/silero_vad.onnx"))
        model[1000] ^= 1
        try model.write(to: folder.appendingPathComponent("silero/silero_vad.onnx"))
        do {
            _ = try await SileroEngine(models: ModelStore(folder: folder.path)).makeDetector()
            Issue.record("no error")
        } catch let error as SpeechError {
            #expect(error.description.contains("silero_vad.onnx is damaged"))
            #expect(error.description.contains("scripts/setup"))
        }
    }

    @Test func `the declared layouts are those of the installed header`() throws {
        let header = models.folder + "/sherpa-onnx/include/sherpa-onnx/c-api/c-api.h"
        let declarations = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/System/CSpeechEngines/include/sherpa_onnx.h").standardizedFileURL
            .path
        let sizes = [
            ("sherpa_tts_config", "SherpaOnnxOfflineTtsConfig"), ("sherpa_vad_config", "SherpaOnnxVadModelConfig"),
            ("sherpa_generation_config", "SherpaOnnxGenerationConfig"),
            ("sherpa_generated_audio", "SherpaOnnxGeneratedAudio"),
        ].map { "_Static_assert(sizeof(\($0)) == sizeof(\($1)), \"\($0)\");" }
        let offsets = [
            ("sherpa_tts_config", "SherpaOnnxOfflineTtsConfig", "max_num_sentences"),
            ("sherpa_tts_config", "SherpaOnnxOfflineTtsConfig", "model.provider"),
            ("sherpa_tts_config", "SherpaOnnxOfflineTtsConfig", "model.vits.data_dir"),
            ("sherpa_tts_config", "SherpaOnnxOfflineTtsConfig", "model.vits.length_scale"),
            ("sherpa_vad_config", "SherpaOnnxVadModelConfig", "silero_vad.max_speech_duration"),
            ("sherpa_vad_config", "SherpaOnnxVadModelConfig", "provider"),
            ("sherpa_generation_config", "SherpaOnnxGenerationConfig", "sid"),
            ("sherpa_generated_audio", "SherpaOnnxGeneratedAudio", "sample_rate"),
        ].map { "_Static_assert(offsetof(\($0), \($2)) == offsetof(\($1), \($2)), \"\($0).\($2)\");" }
        let source = """
            #include <stddef.h>
            #include "\(header)"
            #include "\(declarations)"
            \((sizes + offsets).joined(separator: "\n"))
            """
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("layout-\(UUID()).c")
        try source.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(try TestProcess.run("clang", ["-fsyntax-only", "-Wno-everything", file.path]) == 0)
    }

    private func configuration() -> SpeechEngines.Configuration {
        var configuration = SpeechEngines.Configuration()
        configuration.models = models
        return configuration
    }
}

@Suite struct MissingEngineTests {
    private let nowhere = ModelStore(folder: "/nonexistent")

    @Test func `an engine without its files says which one is missing and what to do`() async throws {
        let description = await MoonshineRecognizer(models: nowhere).describe()
        guard case .unavailable(let reason) = description.availability else {
            Issue.record("available without files")
            return
        }
        #expect(reason.contains("/nonexistent/moonshine"))
        #expect(reason.contains("scripts/setup"))
        await #expect(throws: SpeechError.self) {
            try await MoonshineRecognizer(models: nowhere).transcribe(
                .silence(.seconds(1), sampleRate: 8000),
                language: nil
            )
        }
    }

    @Test func `voice activity falls back to loudness when the model is missing`() async throws {
        let detector = try await FallbackVoiceActivity([SileroEngine(models: nowhere), EnergyEngine()]).makeDetector()
        let tone = (0..<16000).map { Float($0 % 40 < 20 ? 0.3 : -0.3) }
        #expect(try await detector.process(tone).contains(where: \.isSpeech))
    }

    @Test func `an unknown engine is named with those that are known`() {
        var configuration = SpeechEngines.Configuration()
        configuration.recognizers = ["whisperx"]
        #expect(throws: SpeechError.unknownEngine("whisperx", known: ["moonshine", "openai"])) {
            try SpeechEngines(configuration: configuration)
        }
    }
}

extension PCM {
    /// How many stretches of silence of at least `length` lie between sounds.
    fileprivate func pauses(of length: Duration) -> Int {
        let window = sampleRate / 100
        let loudness = stride(from: 0, to: samples.count - window, by: window).map { start in
            samples[start..<start + window].reduce(0) { max($0, abs($1)) }
        }
        let threshold = (loudness.max() ?? 0) * 0.03
        let sounding = loudness.indices.filter { loudness[$0] > threshold }
        let shortest = Int(length / .milliseconds(10))
        return zip(sounding, sounding.dropFirst()).count { $1 - $0 > shortest }
    }
}
