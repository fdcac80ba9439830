import Speech

/// Transcripts as subtitles.
enum Subtitles {
    /// SubRip.
    static func srt(_ segments: [Transcript.Segment]) -> String {
        segments.enumerated().map { index, segment in
            "\(index + 1)\n\(cue(segment, separator: ","))\n"
        }.joined(separator: "\n")
    }

    /// WebVTT.
    static func vtt(_ segments: [Transcript.Segment]) -> String {
        (["WEBVTT\n"] + segments.map { cue($0, separator: ".") + "\n" }).joined(separator: "\n")
    }

    private static func cue(_ segment: Transcript.Segment, separator: String) -> String {
        "\(time(segment.start, separator)) --> \(time(segment.end, separator))\n\(segment.text)"
    }

    /// `HH:MM:SS` with milliseconds behind `separator`.
    private static func time(_ seconds: Double, _ separator: String) -> String {
        let milliseconds = Int((max(0, seconds) * 1000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let parts = [milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60]
        return parts.map { digits($0, 2) }.joined(separator: ":") + separator + digits(milliseconds % 1000, 3)
    }
}
