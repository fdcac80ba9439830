/// Writes transcripts as subtitles.
public struct Subtitles: Sendable, Equatable {
    /// A format of subtitles.
    public enum Format: String, Sendable, CaseIterable {
        /// SubRip.
        case srt
        /// WebVTT.
        case vtt
    }

    /// How much may be shown at once.
    public struct Layout: Sendable, Equatable {
        /// The longest time that a cue is shown.
        public let longestCue: Duration
        /// The most characters in a line.
        public let lineLength: Int
        /// The most lines of a cue.
        public let lines: Int

        /// A layout; by default that of most broadcasters. Less than a tenth of a second, one character and one line is
        /// not possible.
        public init(longestCue: Duration = .seconds(7), lineLength: Int = 42, lines: Int = 2) {
            self.longestCue = max(longestCue, .milliseconds(100))
            self.lineLength = max(lineLength, 1)
            self.lines = max(lines, 1)
        }
    }

    /// How much is shown at once.
    public let layout: Layout

    /// A writer of subtitles.
    public init(layout: Layout = Layout()) {
        self.layout = layout
    }

    /// `segments` as a file in `format`. A segment becomes as many cues as the layout asks for, cut at the ends of
    /// sentences and clauses where that is possible. Empty lines and other white space in a text become single spaces.
    public func render(_ segments: [Transcript.Segment], as format: Format) -> String {
        let cues = segments.flatMap { CueCutter(layout: layout).cues(of: $0) }
        let blocks = cues.enumerated().map { index, cue in
            let times = "\(time(cue.start, format)) --> \(time(max(cue.end, cue.start + 0.001), format))"
            let lines = cue.lines.map { format.escape($0) }
            let head = format == .srt ? ["\(index + 1)", times] : [times]
            return (head + lines).joined(separator: "\n") + "\n"
        }
        return ((format == .vtt ? ["WEBVTT\n"] : []) + blocks).joined(separator: "\n")
    }

    /// `HH:MM:SS` with milliseconds.
    private func time(_ seconds: Double, _ format: Format) -> String {
        let milliseconds = Int((max(0, seconds) * 1000).rounded())
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let parts = [milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60]
        return parts.map { digits($0, 2) }.joined(separator: ":") + (format == .srt ? "," : ".")
            + digits(milliseconds % 1000, 3)
    }
}

extension Subtitles.Format {
    /// `line` so that a player shows it as it is.
    fileprivate func escape(_ line: String) -> String {
        switch self {
        case .vtt:
            line.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        case .srt:
            // SubRip knows no escapes: players take "<i" and "{\" for marks and "-->" for times. An invisible word joiner
            // keeps the characters apart.
            line.replacing("-->", with: "--\u{2060}>").replacing("<", with: "<\u{2060}")
                .replacing("{\\", with: "{\u{2060}\\")
        }
    }
}
