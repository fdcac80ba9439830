import Speech

/// Writes transcripts to where they go.
struct TranscriptWriter {
    let destination: TranscriptDestination
    let format: TranscriptFormat
    let subtitles: Subtitles
    /// Whether there are several recordings.
    let isSeveral: Bool

    /// What goes to one file at the end.
    private var collected = ""
    private var results: [TranscribedFile] = []

    init(destination: TranscriptDestination, format: TranscriptFormat, subtitles: Subtitles, isSeveral: Bool) {
        self.destination = destination
        self.format = format
        self.subtitles = subtitles
        self.isSeveral = isSeveral
    }

    /// Takes the transcript of the recording at `index`. Throws `Problem`.
    mutating func write(_ result: TranscribedFile, at index: Int) throws {
        switch destination {
        case .each(let files):
            let text = format == .json ? try jsonText(result) + "\n" : text(of: result.transcript)
            try Self.write(text, to: files[index])
        case .together(let file):
            if format == .json {
                results.append(result)
                return
            }
            let heading = isSeveral ? "==> \(result.file) <==\n" : ""
            let text = heading + text(of: result.transcript)
            // At the terminal each is shown when it is done.
            if file == nil { print(text, terminator: "") } else { collected += text }
        }
    }

    /// All recordings are done. Throws `Problem`.
    func finish() throws {
        guard case .together(let file) = destination else { return }
        var text = collected
        if format == .json {
            guard isSeveral || !results.isEmpty else { return }
            text = (isSeveral ? try jsonText(results) : try results.first.map { try jsonText($0) } ?? "") + "\n"
        } else if text.isEmpty {
            return
        }
        if let file { try Self.write(text, to: file) } else { print(text, terminator: "") }
    }

    private func text(of transcript: Transcript) -> String {
        guard let kind = format.subtitles else { return transcript.text + "\n" }
        return subtitles.render(transcript.segments, as: kind) + "\n"
    }

    private static func write(_ text: String, to path: String) throws {
        let file = try OutputFile(path: path)
        try file.write(Array(text.utf8))
        try file.finish()
    }
}
