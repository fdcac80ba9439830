import Audio

extension SpeechSynthesizer {
    /// Speaks a whole text, segment by segment; the first one is short so that sound comes early.
    ///
    /// Throws `SpeechError.textTooLong` for more than `limit` characters and `.nothingToSay` when nothing in the text
    /// can be spoken.
    public func speak(
        _ text: String,
        options: SynthesisOptions = .standard,
        limit: Int = SpeechLimits.textLength
    ) throws(SpeechError) -> SpeechAudio {
        // Counting characters of a hostile text is slow, so its bytes are looked at first.
        guard text.utf8.count <= limit * 8, text.count <= limit else {
            throw .textTooLong(count: text.utf8.count > limit * 8 ? text.utf8.count : text.count, limit: limit)
        }
        var buffer = SentenceBuffer()
        let segments = (buffer.append(text) + buffer.finish()).map(SpeakableText.clean)
            .filter(SpeakableText.isSpeakable)
        guard !segments.isEmpty else { throw .nothingToSay }
        let reader = SegmentReader(segments: segments) { synthesize($0, options: options) }
        return SpeechAudio { try await reader.next() }
    }
}

/// Limits that every way into the server shares.
public enum SpeechLimits {
    /// The most characters that one text to be spoken may have.
    public static let textLength = 100_000
}

/// Reads the speech of one segment after another.
private actor SegmentReader {
    private var segments: ArraySlice<String>
    private let synthesize: @Sendable (String) -> SpeechAudio
    private var current: SpeechAudio.Iterator?
    private var hasBegun = false

    init(segments: [String], synthesize: @escaping @Sendable (String) -> SpeechAudio) {
        self.segments = segments[...]
        self.synthesize = synthesize
    }

    func next() async throws -> PCM? {
        while true {
            if var iterator = current {
                let piece = try await iterator.next()
                current = piece == nil ? nil : iterator
                if let piece { return piece }
            }
            try Task.checkCancellation()
            guard let segment = segments.popFirst() else { return nil }
            let piece = try await whenAdmitted(orAtOnce: !hasBegun) {
                var iterator = synthesize(segment).makeAsyncIterator()
                let piece = try await iterator.next()
                current = iterator
                return piece
            }
            hasBegun = true
            if let piece { return piece }
        }
    }
}
