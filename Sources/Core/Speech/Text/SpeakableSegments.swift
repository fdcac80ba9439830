import SpokenText

/// Makes segments to be spoken of an answer while it is generated: without thoughts, Markdown and HTML, a sentence, list
/// item, heading or row at a time (see `SentenceBuffer`).
///
/// How the text was cut into tokens makes no difference, and the cost per scalar is constant.
public struct SpeakableSegments: Sendable {
    private var thoughts = ThoughtFilter()
    private var markup = MarkupReader()
    private var sentences = SentenceBuffer()

    /// At the beginning of an answer.
    public init() {}

    /// Takes the next piece of the answer and returns the segments that are now complete.
    public mutating func append(_ token: String) -> [String] {
        speakable(sentences.append(markup.feed(thoughts.feed(token))))
    }

    /// The answer has ended: returns what is left, and is ready for another one.
    public mutating func finish() -> [String] {
        let rest = markup.feed(thoughts.finish()) + markup.finish()
        let segments = sentences.append(rest) + sentences.finish()
        self = SpeakableSegments()
        return speakable(segments)
    }

    /// The segments of a whole text.
    public static func segments(of text: String) -> [String] {
        var segments = SpeakableSegments()
        return segments.append(text) + segments.finish()
    }

    private func speakable(_ segments: [String]) -> [String] {
        segments.map(SpeakableText.withoutInlineMarks).filter(SpeakableText.isSpeakable)
    }
}

extension TextChunker {
    /// The chunks of a whole text as they are to be spoken, cleaned of thoughts, Markdown and HTML. A chunk may be shorter
    /// than it was cut; those with nothing to say are left out.
    public func speakableChunks(of text: String) -> [String] {
        chunks(of: SpeakableText.plain(text)).map(SpeakableText.withoutInlineMarks).filter(SpeakableText.isSpeakable)
    }
}
