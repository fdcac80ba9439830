public import Audio

/// A whole text as speech, segment by segment, by one speaker.
public struct TextSpeech: AsyncSequence, Sendable {
    /// A piece of sound.
    public typealias Element = PCM

    /// The speech. It is read once.
    public let audio: SpeechAudio
    private let by: any TextSpeaker

    /// The speech of `segments`. Throws `SpeechError.nothingToSay` when there are none.
    public init(_ segments: [String], by speaker: any TextSpeaker) throws(SpeechError) {
        guard !segments.isEmpty else { throw .nothingToSay }
        by = speaker
        audio = SpeechAudio(joining: segments.map { segment in { speaker.speak(segment) } })
    }

    /// Who speaks; known once there was sound.
    public var speaker: Speaker? { by.speaker }

    /// Starts the work.
    public func makeAsyncIterator() -> SpeechAudio.Iterator { audio.makeAsyncIterator() }
}
