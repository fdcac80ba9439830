import ArgumentParser
import Audio
import Foundation
import Settings
import Speech

struct Say: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Speak a text.",
        discussion: """
            The kind of file follows from its name: wav, mp3, opus, ogg, aac, flac, pcm, ulaw or alaw. Without -o the
            sound goes to standard output, as a WAV file unless --format or the settings say otherwise.
            """
    )

    @Argument(help: "The text in quotes, or - to read it from standard input.")
    var text: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The kind of sound file, whatever its name.", valueName: "format"))
    var format: AudioFormat?

    @OptionGroup var voice: VoiceOptions
    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print what was done as JSON.")
    var json = false

    /// The beginning of the text as a shell takes it.
    private var quoted: String {
        let joined = TerminalLine.cut(text.joined(separator: " "), to: 60)
        return "'" + joined.replacing("'", with: "'\\''") + "'"
    }

    func run() async throws {
        // Not in `validate`, which comes before options that do not exist are found, and would count their values.
        guard text.count == 1 else {
            throw Problem("The text is one argument; put it in quotes: antiphon say \(quoted)", status: Problem.usage)
        }
        let settings = try SettingsOptions.load(engine.sources).settings
        let engines = try SpeechEngines(settings: settings)
        let given = self.text.first ?? ""
        let text = try await given == "-" ? readStandardInput(limit: settings.speech.maxTextLength) : given
        let options = try await voice.synthesis(with: engines, settings: settings)
        let speech = try engines.synthesizer.speak(text, options: options, limit: settings.speech.maxTextLength)
        if json, output == nil || output == "-" {
            throw Problem("With --json the sound needs a file; name one with -o.", status: Problem.usage)
        }
        let file = try SoundFile(path: output, format: format, settings: settings)
        Terminal.showProgress("loading the engine")
        let load = try await engines.loadSynthesizer(for: options)
        let start = ContinuousClock.now
        var firstAudio: Duration?
        for try await sound in speech {
            firstAudio = firstAudio ?? (ContinuousClock.now - start)
            try file.write(sound)
            Terminal.showProgress(String(format: "%.1f s of speech", file.duration.seconds))
        }
        Terminal.clearProgress()
        try file.finish()
        if json {
            try printJSON(
                Report(
                    file: output ?? "-",
                    voice: speech.speaker?.id,
                    duration_seconds: file.duration.seconds,
                    load_ms: load.milliseconds,
                    first_audio_ms: firstAudio?.milliseconds ?? 0,
                    total_ms: (ContinuousClock.now - start).milliseconds
                )
            )
        }
    }

    private struct Report: Encodable {
        let file: String
        /// Who spoke.
        let voice: String?
        /// The length of the speech.
        let duration_seconds: Double
        /// How long loading the engine took, before all that follows.
        let load_ms: Double
        /// The time from a loaded engine to the first sound and to the end.
        let first_audio_ms, total_ms: Double
    }

    /// The text on standard input, within the limit that every text has.
    private func readStandardInput(limit: Int) async throws -> String {
        let bytes = limit * 4
        let data: Data
        do {
            data = try await offPool { try FileHandle.standardInput.read(upToCount: bytes + 1) ?? Data() }
        } catch {
            throw Problem("Standard input cannot be read: \(error.localizedDescription)", status: Problem.usage)
        }
        guard data.count <= bytes else { throw SpeechError.textTooLong(count: data.count, limit: limit) }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Problem("The text on standard input is not UTF-8.", status: Problem.usage)
        }
        return text
    }
}
