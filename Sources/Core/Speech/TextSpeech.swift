public import Audio

/// A whole text as speech, segment by segment, by one speaker.
public struct TextSpeech: AsyncSequence, Sendable {
    /// A piece of sound.
    public typealias Element = PCM

    /// The speech. It is read once.
    public let audio: SpeechAudio
    /// How many segments it has, at least one.
    public let segmentCount: Int
    private let by: any TextSpeaker

    /// The speech of `segments`. Throws `SpeechError.nothingToSay` when there are none.
    public init(_ segments: [String], by speaker: any TextSpeaker) throws(SpeechError) {
        guard !segments.isEmpty else { throw .nothingToSay }
        by = speaker
        segmentCount = segments.count
        audio = SpeechAudio(joining: segments.map { segment in { speaker.speak(segment) } })
    }

    /// Who speaks; known once there was sound.
    public var speaker: Speaker? { by.speaker }

    /// Starts the work.
    public func makeAsyncIterator() -> SpeechAudio.Iterator { audio.makeAsyncIterator() }
}
