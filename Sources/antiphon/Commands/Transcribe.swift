import ArgumentParser
import Audio
import Foundation
import Serving
import Settings
import Speech

struct Transcribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write down what is said in recordings.",
        discussion: """
            Takes WAV, FLAC, MP3 and Ogg files, and with ffmpeg also M4A, MOV, WebM, AMR and WMA. A file that cannot be
            transcribed is reported and the others are done all the same.

            Transcripts go to standard output, or to the file of -o, which is replaced if it is there. A folder as -o gets
            a file for each recording. Subtitles (srt and vtt) of several recordings are always a file each, beside the
            recording unless -o names a folder. Files whose names were not given are replaced only with --force.
            """
    )

    @Argument(help: ArgumentHelp("The recordings; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(help: "text, json, srt or vtt; by default what the name of the output says, else text.")
    var format: TranscriptFormat?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write, or a folder for a file each.", valueName: "path")
    )
    var output: String?

    @Flag(help: "Replace files that are there.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "The language spoken, as a code such as en, eng or en-US or an English name; auto leaves it to the engine.",
            valueName: "language"
        )
    )
    var language: String?

    @OptionGroup var subtitles: SubtitleOptions
    @OptionGroup var engine: EngineOptions

    func run() async throws {
        let format = try format ?? TranscriptFormat(ofOutput: output)
        let destination = try TranscriptDestination(of: files, output: output, format: format, forced: force)
        var sources = engine.sources
        subtitles.add(to: &sources)
        let settings = try SettingsOptions.load(sources).settings
        let engines = try SpeechEngines(settings: settings)
        let transcription = FileTranscription(
            voiceActivity: engines.voiceActivity,
            recognizer: engines.recognizer,
            language: try tag()
        )
        var writer = TranscriptWriter(
            destination: destination,
            format: format,
            subtitles: Subtitles(layout: .init(settings: settings)),
            isSeveral: files.count > 1
        )
        var status: Int32 = 0
        for (index, file) in files.enumerated() {
            do {
                try writer.write(try await transcribe(file, with: transcription), at: index)
            } catch is CancellationError {
                throw CancellationError()
            } catch let error as SpeechError {
                Terminal.complain("\(file): \(error)")
                status = max(status, Problem.status(of: error))
            } catch let problem as Problem {
                Terminal.complain(problem.description)
                status = max(status, problem.status)
            } catch {
                Terminal.complain(String(describing: error))
                status = Problem.usage
            }
        }
        try writer.finish()
        if status != 0 { throw ExitCode(status) }
    }

    private func tag() throws -> String? {
        do {
            return try language.flatMap { try LanguageName.tag(for: $0) }
        } catch let error as LanguageName.Unknown {
            throw Problem("--language: \(error)", status: Problem.usage)
        }
    }

    private func transcribe(_ file: String, with transcription: FileTranscription) async throws -> TranscribedFile {
        Terminal.showProgress("\(file): reading")
        let sound = try await offPool { try file == "-" ? Self.standardInput() : AudioDecoder.decode(file: file) }
        let length = sound.duration.seconds
        let transcript = try await transcription.transcribe(sound) { progress in
            Terminal.showProgress(
                String(format: "%@: %.0f of %.0f s", file, min(progress.position, length), length)
            )
        }
        Terminal.clearProgress()
        return TranscribedFile(file: file, duration: length, transcript: transcript)
    }

    /// The recording on standard input.
    private static func standardInput() throws -> PCM {
        let limits = AudioDecoder.Limits()
        let data: Data
        do {
            // One byte more than allowed shows that there is too much.
            data = try FileHandle.standardInput.read(upToCount: limits.maximumBytes + 1) ?? Data()
        } catch {
            throw Problem("Standard input cannot be read: \(error.localizedDescription)", status: Problem.usage)
        }
        return try AudioDecoder.decode(bytes: [UInt8](data), limits: limits, name: "standard input")
    }
}

/// How much subtitles show at once; what is not said here, the settings say.
struct SubtitleOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The longest time that a subtitle is shown, such as 7s.", valueName: "time"))
    var longestCue: String?

    @Option(help: ArgumentHelp("The most characters in a line of subtitles.", valueName: "count"))
    var lineLength: Int?

    @Option(help: ArgumentHelp("The most lines of a subtitle.", valueName: "count"))
    var lines: Int?

    /// Adds these options to the sources of settings.
    func add(to sources: inout SettingsSources) {
        let values = [
            ("longest-cue", "longest_cue", longestCue), ("line-length", "line_length", lineLength.map(String.init)),
            ("lines", "lines", lines.map(String.init)),
        ]
        for case (let option, let key, let value?) in values {
            sources.options.append(.init("--\(option)", sets: "speech.subtitles.\(key)", to: value))
        }
    }
}
