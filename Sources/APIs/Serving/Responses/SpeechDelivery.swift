import Audio
public import Speech

/// How speech is sent: as it is made, or as a file whose length is known beforehand.
public enum SpeechDelivery: Sendable, Equatable {
    /// As it is made.
    case streamed
    /// As a file if it is short and in a format whose header states the length, else as it is made. For speech of which
    /// there is nothing to be sent before all of it is there.
    case wholeIfShort
    /// As a file.
    case whole

    /// The longest speech that is sent as a file.
    public static let longestWhole = Duration.seconds(600)
    /// The longest speech that is sent as a file without being asked for.
    static let longestShort = Duration.seconds(60)

    /// How to send `speech` when a request says whether it is to be streamed; nil when it does not say.
    public init(streamed: Bool?, _ speech: TextSpeech) {
        self.init(streamed: streamed, segments: speech.segmentCount)
    }

    /// How to send speech of so many segments when a request says whether it is to be streamed; nil when it does not say.
    public init(streamed: Bool?, segments: Int) {
        self =
            switch streamed {
            case true?: .streamed
            case false?: .whole
            case nil: segments == 1 ? .wholeIfShort : .streamed
            }
    }

    /// How much of the sound is gathered before it is sent after all; nil for none.
    func longest(as format: AudioFormat) -> Duration? {
        switch self {
        case .streamed: nil
        case .wholeIfShort: format == .wav ? Self.longestShort : nil
        case .whole: Self.longestWhole
        }
    }

    /// The refusal of a file that would be too long.
    static var tooLong: APIFailure {
        let limit = longestWhole.components.seconds
        return .invalid(
            .init(
                ["body", "stream"],
                "value_error",
                "The speech is longer than the \(limit) seconds that are sent as one file; take it as a stream."
            )
        )
    }
}
