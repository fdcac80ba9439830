import ArgumentParser
import Audio
import Foundation
import Speech

struct Transcribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write down what is said in recordings.",
        discussion: """
            Takes WAV, FLAC, MP3 and Ogg files, and with the program ffmpeg also M4A and WebM. A file that cannot be
            transcribed is reported and the others are done all the same.
            """
    )

    @Argument(help: ArgumentHelp("The recordings.", valueName: "file"))
    var files: [String]

    @Option(help: "text, json, srt or vtt.")
    var format = TranscriptFormat.text

    @Option(
        help: ArgumentHelp(
            "The language spoken, as a tag such as en; a guess if the engine makes one.",
            valueName: "tag"
        )
    )
    var language: String?

    @OptionGroup var engine: EngineOptions

    func run() async throws {
        let engines = try engine.engines()
        let transcription = FileTranscription(
            voiceActivity: engines.voiceActivity,
            recognizer: engines.recognizer,
            language: language
        )
        var status: Int32 = 0
        var results: [TranscribedFile] = []
        for file in files {
            do {
                let result = try await transcribe(file, with: transcription)
                if format == .json {
                    results.append(result)
                } else {
                    if files.count > 1, format == .text { print("==> \(file) <==") }
                    print(format.render(result.transcript))
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch let error as SpeechError {
                Terminal.complain("\(file): \(error)")
                status = max(status, Problem.status(of: error))
            } catch {
                Terminal.complain(String(describing: error))
                status = Problem.usage
            }
        }
        if format == .json {
            if files.count > 1 {
                try printJSON(results)
            } else if let result = results.first {
                try printJSON(result)
            }
        }
        if status != 0 { throw ExitCode(status) }
    }

    private func transcribe(_ file: String, with transcription: FileTranscription) async throws -> TranscribedFile {
        Terminal.showProgress("\(file): reading")
        let sound = try await offPool { try AudioDecoder.decode(file: file) }
        let length = sound.duration.seconds
        let transcript = try await transcription.transcribe(sound) { progress in
            Terminal.showProgress(
                String(format: "%@: %.0f of %.0f s", file, min(progress.position, length), length)
            )
        }
        Terminal.clearProgress()
        return TranscribedFile(file: file, duration: length, transcript: transcript)
    }
}
