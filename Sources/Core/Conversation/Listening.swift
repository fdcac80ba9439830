import Audio
import Speech

/// What a session needs to hear sound; made when the first sound comes, so that a session that is only written to, or in
/// which nobody speaks yet, holds no detector.
struct Listening {
    let input: SessionInput
    private(set) var detector: UtteranceDetector
    /// How many samples are still classified by speech before the end of an utterance that was ended by hand.
    private var echo = 0

    init(_ voiceActivity: any VoiceActivityDetector, parts: SessionParts, longest: Duration) {
        input = SessionInput(voiceActivity)
        var cutting = UtteranceDetector.Configuration()
        cutting.partialInterval = parts.recognizer.partialInterval
        cutting.longestPart = min(cutting.longestPart, parts.recognizer.longestUtterance)
        cutting.hangover = voiceActivity.hangover
        cutting.longest = longest
        detector = UtteranceDetector(
            sampleRate: voiceActivity.sampleRate,
            silence: nil,
            configuration: cutting
        )
    }

    /// Takes sound at the detector's rate that it is going to classify.
    mutating func append(_ samples: [Float]) { detector.append(samples) }

    /// From the next window on an utterance may be so long.
    mutating func limit(to longest: Duration) { detector.configuration.longest = longest }

    /// Takes what the voice activity detector says about the next window. `silence` ends an utterance; nil leaves that to
    /// `finish`.
    mutating func advance(_ activity: VoiceActivity, silence: Duration?) -> [UtteranceDetector.Event] {
        var activity = activity
        detector.silence = silence
        if echo > 0 {
            echo -= activity.count
            activity.isSpeech = false
        }
        return detector.advance(activity)
    }

    /// Ends the utterance that is going on.
    mutating func finish() -> [UtteranceDetector.Event] {
        let rest = input.finish()
        if !rest.isEmpty { detector.append(rest) }
        // The detector goes on reporting speech for a while, and a window may begin in it.
        let window: Duration = .milliseconds(50)
        echo = (input.detector.hangover + window).samples(at: input.detector.sampleRate)
        return detector.finish()
    }
}
