public import Audio

/// The speech between two silences.
public struct Utterance: Sendable, Equatable {
    /// Counts the utterances of a session, from 1.
    public typealias ID = Int

    /// Its number.
    public var id: ID
    /// The sound of its last part (see `UtteranceDetector`), with a little of what lies around it.
    public var audio: PCM
    /// Where `audio` starts, in samples since the stream began.
    public var start: Int
    /// Where speech was noticed, in samples since the stream began.
    public var onset: Int
    /// Where speech ended, in samples since the stream began.
    public var endOfSpeech: Int
    /// How far the stream had been heard when this was said, in samples since it began.
    public var position: Int

    /// How long the user has spoken, pauses included.
    public var speech: Duration { .samples(max(0, endOfSpeech - onset), at: audio.sampleRate) }

    /// The silence between the end of speech and the decision that it was the end.
    public var trailingSilence: Duration {
        .samples(max(0, position - endOfSpeech), at: audio.sampleRate)
    }
}
