public import Audio

/// Transcribes a recording of any length: cuts it at silences and transcribes one utterance after another.
public struct FileTranscription: Sendable {
    /// How far a transcription has come.
    public struct Progress: Sendable, Equatable {
        /// The utterance that has just been transcribed; nil when only silence was passed.
        public var segment: Transcript.Segment?
        /// How much of the recording is done, in seconds.
        public var position: Double
    }

    private let voiceActivity: any VoiceActivityEngine
    private let recognizer: any SpeechRecognizer
    private let language: String?
    /// The silence that separates two utterances; longer than in conversation, because a recogniser that hears more at
    /// once makes fewer errors.
    private static let silence: Duration = .milliseconds(1200)
    /// What is heard behind the end of a recording.
    private static let silenceBehind: Duration = .milliseconds(500)

    /// A transcription with these engines; `language` is a BCP 47 tag, nil leaves it to the recogniser.
    public init(voiceActivity: any VoiceActivityEngine, recognizer: any SpeechRecognizer, language: String? = nil) {
        self.voiceActivity = voiceActivity
        self.recognizer = recognizer
        self.language = language
    }

    /// Transcribes `recording`; the segments of the result have the times of their utterances.
    ///
    /// Throws `SpeechError`, such as `languageNotUnderstood`, `AudioError`, or `CancellationError` when the task is cancelled.
    public func transcribe(
        _ recording: PCM,
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Transcript {
        if let language { try await recognizer.require(language) }
        let activity = try await voiceActivity.makeDetector()
        let rate = activity.sampleRate
        // Bit by bit, since all of it may be many times as large as the recording.
        let converter = RateConverter(to: rate, quality: .high)
        var cutting = UtteranceDetector.Configuration()
        cutting.longestPart = min(cutting.longestPart, recognizer.longestUtterance)
        cutting.hangover = activity.hangover
        var detector = UtteranceDetector(sampleRate: rate, silence: Self.silence, configuration: cutting)
        var transcript = Transcript(text: "", language: language)

        let step = Duration.seconds(1).samples(at: recording.sampleRate)
        for start in stride(from: 0, through: recording.samples.count, by: step) {
            let piece = PCM(Array(recording.samples[start...].prefix(step)), sampleRate: recording.sampleRate)
            // What the converter still holds comes behind the last piece.
            let isLast = start + step > recording.samples.count
            let samples = try converter.process(piece) + (isLast ? converter.finish() : [])
            detector.append(samples)
            for window in try await whenAdmitted(orAtOnce: false, { try await activity.process(samples) }) {
                for event in detector.advance(window) {
                    try await take(event, of: recording, into: &transcript, progress)
                }
            }
            progress(Progress(segment: nil, position: Double(detector.position) / Double(rate)))
        }
        // A word at the very end is noticed only when something follows it.
        let silence = [Float](repeating: 0, count: Self.silenceBehind.samples(at: rate))
        detector.append(silence)
        for window in try await whenAdmitted(orAtOnce: false, { try await activity.process(silence) }) {
            for event in detector.advance(window) {
                try await take(event, of: recording, into: &transcript, progress)
            }
        }
        for event in detector.finish() {
            try await take(event, of: recording, into: &transcript, progress)
        }
        transcript.text = transcript.segments.map(\.text).joined(separator: " ")
        return transcript
    }

    private func take(
        _ event: UtteranceDetector.Event,
        of recording: PCM,
        into transcript: inout Transcript,
        _ progress: (Progress) -> Void
    ) async throws {
        switch event {
        case .part(let utterance), .ended(let utterance):
            let isFirst = transcript.segments.isEmpty
            let heard = try await whenAdmitted(orAtOnce: isFirst) {
                try await recognizer.transcribe(utterance.audio, language: language)
            }
            transcript.language = heard.language ?? transcript.language
            guard !heard.text.isEmpty else { return }
            let rate = Double(utterance.audio.sampleRate)
            // The sound kept from before an utterance may reach into the one before it.
            let segment = Transcript.Segment(
                text: heard.text,
                start: max(Double(utterance.start) / rate, transcript.segments.last?.end ?? 0),
                end: min(
                    Double(utterance.start + utterance.audio.samples.count) / rate,
                    recording.duration.seconds
                )
            )
            transcript.segments.append(segment)
            progress(Progress(segment: segment, position: segment.end))
        case .started, .grown, .paused, .resumed:
            break
        }
    }
}
