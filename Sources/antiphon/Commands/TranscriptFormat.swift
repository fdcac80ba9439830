import ArgumentParser
import Foundation
import Speech

/// How a transcript is written down.
enum TranscriptFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, srt, vtt

    /// The format that the name of a file asks for.
    init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "txt", "text": self = .text
        case let name: self.init(rawValue: name)
        }
    }

    /// The format of what is written to `output`: what the name of a file says, text for standard output, a folder and
    /// names that say nothing. Throws `Problem` for a name that asks for something else.
    init(ofOutput output: String?) throws(Problem) {
        self = .text
        guard let output, output != "-" else { return }
        let name = (output as NSString).pathExtension
        var isFolder: ObjCBool = false
        guard !name.isEmpty,
            !(FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) && isFolder.boolValue)
        else { return }
        guard let format = TranscriptFormat(fileExtension: name) else {
            throw Problem(
                "What to write to “\(output)” is unknown; end its name in .txt, .json, .srt or .vtt, or use --format.",
                status: Problem.usage
            )
        }
        self = format
    }

    /// The ending of a file's name.
    var fileExtension: String { self == .text ? "txt" : rawValue }

    /// The format of subtitles, if it is one.
    var subtitles: Subtitles.Format? { Subtitles.Format(rawValue: rawValue) }
}

/// A transcript with the file it belongs to, as it is written in JSON.
struct TranscribedFile: Encodable {
    var file: String
    /// Seconds.
    var duration: Double
    var transcript: Transcript

    private enum Key: CodingKey { case file, duration, text, segments, language }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(file, forKey: .file)
        try container.encode(duration, forKey: .duration)
        try container.encode(transcript.text, forKey: .text)
        try container.encode(transcript.segments, forKey: .segments)
        try container.encodeIfPresent(transcript.language, forKey: .language)
    }
}
