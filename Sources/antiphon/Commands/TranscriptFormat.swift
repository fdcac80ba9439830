import ArgumentParser
import Foundation
import Speech

/// How a transcript is written down.
enum TranscriptFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json, srt, vtt

    /// The transcript as text, SubRip or WebVTT; `json` is rendered by the encoder.
    func render(_ transcript: Transcript) -> String {
        switch self {
        case .text, .json:
            return transcript.text
        case .srt:
            return transcript.segments.enumerated().map { index, segment in
                "\(index + 1)\n\(time(segment.start, ",")) --> \(time(segment.end, ","))\n\(segment.text)\n"
            }.joined(separator: "\n")
        case .vtt:
            return
                (["WEBVTT\n"]
                + transcript.segments.map { "\(time($0.start, ".")) --> \(time($0.end, "."))\n\($0.text)\n" })
                .joined(separator: "\n")
        }
    }

    /// `HH:MM:SS` with milliseconds after `separator`.
    private func time(_ seconds: Double, _ separator: String) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        return String(
            format: "%02d:%02d:%02d%@%03d",
            milliseconds / 3_600_000,
            milliseconds / 60_000 % 60,
            milliseconds / 1000 % 60,
            separator,
            milliseconds % 1000
        )
    }
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
