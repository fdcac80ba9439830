import Audio
import Storage

/// Keeps account of an answer's sound: how much was generated, sent and heard, and so which words were heard.
public struct PlaybackLedger: Sendable, Equatable {
    /// How it is known what the listener has heard.
    public enum Clock: String, Sendable, Codable {
        /// What was sent counts as heard, as when the sound goes to a file.
        case immediate
        /// The listener plays at natural speed what it is sent, without telling.
        case realtime
        /// The listener tells.
        case acknowledged
    }

    private struct Segment: Equatable {
        let text: String
        var duration: Duration = .zero
        var isWhole = false
    }

    /// Listeners tell in milliseconds, rounded as they like: so much less than everything is everything.
    private static let rounding: Duration = .milliseconds(2)

    private let clock: Clock
    private var segments: [Segment] = []
    private var generated: Duration = .zero
    private var sent: Duration = .zero
    private var acknowledged: Duration = .zero
    private var playsUntil: ContinuousClock.Instant?
    /// Since when the listener holds what was sent.
    private var heldSince: ContinuousClock.Instant?

    /// An empty ledger.
    public init(clock: Clock) {
        self.clock = clock
    }

    /// A segment of text is going to be spoken after those before it.
    mutating func expect(_ text: String) {
        segments.append(Segment(text: text))
    }

    /// Sound of the segment with this index was made.
    mutating func generate(_ duration: Duration, of segment: Int) {
        segments[segment].duration += duration
        generated += duration
    }

    /// All sound of the segment with this index was made.
    mutating func finish(_ segment: Int) {
        segments[segment].isWhole = true
    }

    /// Sound was handed to the listener.
    mutating func send(_ duration: Duration, at now: ContinuousClock.Instant) {
        sent += duration
        playsUntil = max(playsUntil ?? now, now) + duration
    }

    /// The listener lost the sound from `position` on and is going to be handed it again.
    mutating func rewind(to position: Duration, at now: ContinuousClock.Instant) {
        guard position < sent else { return }
        sent = max(position, .zero)
        playsUntil = min(playsUntil ?? now, now)
    }

    /// The listener holds what it plays. False if it does already.
    mutating func hold(at now: ContinuousClock.Instant) -> Bool {
        guard heldSince == nil else { return false }
        heldSince = now
        return true
    }

    /// The listener goes on where it stopped. False if it did not hold.
    mutating func release(at now: ContinuousClock.Instant) -> Bool {
        guard let heldSince else { return false }
        if let end = playsUntil, end > heldSince { playsUntil = end + (now - heldSince) }
        self.heldSince = nil
        return true
    }

    /// Whether the listener holds what it plays.
    var isHeld: Bool { heldSince != nil }

    /// How much of what was sent is still to be heard.
    func ahead(at now: ContinuousClock.Instant) -> Duration { sent - heard(at: now) }

    /// Where in the answer's sound the segment with this index begins.
    func start(of segment: Int) -> Duration {
        segments.prefix(segment).reduce(.zero) { $0 + $1.duration }
    }

    /// The listener says that it has heard the answer up to `position`.
    mutating func acknowledge(_ position: Duration) {
        // Never more than it was handed, or sound that is sent later would count as heard already.
        acknowledged = max(acknowledged, min(position, sent))
    }

    /// Whether every segment is whole and all its sound has been sent.
    var isAllSent: Bool { segments.allSatisfy(\.isWhole) && sent >= generated }

    /// How long until all that was sent has been heard; nil when only the listener can tell.
    func remaining(at now: ContinuousClock.Instant) -> Duration? {
        switch clock {
        case .immediate: .zero
        case .realtime: ahead(at: now)
        case .acknowledged: acknowledged + Self.rounding >= sent ? .zero : nil
        }
    }

    /// The totals at `now`; `onset` is when the user began to speak over the answer.
    func totals(at now: ContinuousClock.Instant, onset: ContinuousClock.Instant? = nil) -> Turn.Playback {
        Turn.Playback(
            generated: generated,
            sent: sent,
            heard: heard(at: now),
            leaked: onset.map { max(.zero, sent - heard(at: $0)) } ?? .zero
        )
    }

    /// The words that were heard by `now`: whole segments, and of the one that was cut off as many words as fit the
    /// part of its sound that was heard.
    func heardText(at now: ContinuousClock.Instant) -> String {
        var left = heard(at: now)
        var words: [Substring] = []
        for segment in segments {
            let inSegment = segment.text.split(whereSeparator: \.isWhitespace)
            if segment.isWhole, left >= segment.duration {
                words += inSegment
                left -= segment.duration
                continue
            }
            if segment.duration > .zero {
                let share = min(1, left / segment.duration)
                // The end of a segment still being made is not known, so its last word does not count as heard.
                let most = segment.isWhole ? inSegment.count : inSegment.count - 1
                words += inSegment.prefix(max(0, min(most, Int(Double(inSegment.count) * share))))
            }
            break
        }
        return words.joined(separator: " ")
    }

    private func heard(at now: ContinuousClock.Instant) -> Duration {
        switch clock {
        case .immediate: sent
        case .realtime: max(.zero, sent - max(.zero, (playsUntil ?? now) - min(now, heldSince ?? now)))
        case .acknowledged: acknowledged + Self.rounding >= sent ? sent : acknowledged
        }
    }
}
