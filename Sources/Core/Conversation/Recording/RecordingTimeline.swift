import Audio

/// Where sound stands in the two files of a recording.
///
/// The user's file has each sample that was heard, in order, so that its samples have the numbers that events name. The
/// answers' file is laid beside it: a piece of an answer stands where the user's sound was when it was handed to the
/// listener, but never before the end of the piece before it.
struct RecordingTimeline: Sendable, Equatable {
    let userRate: Int
    let answerRate: Int
    /// How much of either file is written at most.
    let limit: Duration
    /// How many samples of the user were heard.
    private(set) var userSamples = 0
    /// How many samples the answers' file has.
    private(set) var answerSamples = 0

    init(userRate: Int, answerRate: Int, limit: Duration) {
        self.userRate = userRate
        self.answerRate = answerRate
        self.limit = limit
    }

    /// How much of the user was heard.
    var userPosition: Duration { .samples(userSamples, at: userRate) }

    /// The user was heard for `count` samples more. How many of them may be written.
    mutating func heard(_ count: Int) -> Int {
        let room = max(0, limit.samples(at: userRate) - userSamples)
        userSamples += count
        return min(count, room)
    }

    /// A piece of an answer with `count` samples was handed to the listener. How much silence stands before it, and how many
    /// of its samples may be written.
    mutating func spoke(_ count: Int) -> (silence: Int, samples: Int) {
        let limit = limit.samples(at: answerRate)
        let start = min(max(answerSamples, userPosition.samples(at: answerRate)), limit)
        let silence = max(0, start - answerSamples)
        let samples = min(count, limit - start)
        answerSamples = start + samples
        return (silence, samples)
    }
}
