import Audio

extension SpeechSynthesizer {
    /// Speaks a whole text, segment by segment; the first one is short so that sound comes early. One engine speaks all
    /// of it.
    ///
    /// Throws `SpeechError.textTooLong` for more than `limit` characters and `.nothingToSay` when nothing in the text
    /// can be spoken.
    public func speak(
        _ text: String,
        options: SynthesisOptions = .standard,
        limit: Int = SpeechLimits.textLength
    ) throws(SpeechError) -> TextSpeech {
        // Counting characters of a hostile text is slow, so its bytes are looked at first.
        guard text.utf8.count <= limit * 8, text.count <= limit else {
            throw .textTooLong(count: text.utf8.count > limit * 8 ? text.utf8.count : text.count, limit: limit)
        }
        return try TextSpeech(SpeakableSegments.segments(of: text), by: speaker(with: options))
    }
}

/// Limits that every way into the server shares.
public enum SpeechLimits {
    /// The most characters that one text to be spoken may have.
    public static let textLength = 100_000
}
