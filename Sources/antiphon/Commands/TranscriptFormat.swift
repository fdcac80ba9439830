import ArgumentParser
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
