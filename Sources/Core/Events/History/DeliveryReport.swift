/// How many subscribers a publication met.
public struct DeliveryReport: Hashable, Sendable {
    /// Subscribers it was meant for.
    public var targeted: Int
    /// Subscribers in whose queue it was placed.
    public var queued: Int
    /// Subscribers that did not get it, or lost an older message for it, because they are too slow.
    public var dropped: Int

    /// A report of nobody unless told otherwise.
    public init(targeted: Int = 0, queued: Int = 0, dropped: Int = 0) {
        self.targeted = targeted
        self.queued = queued
        self.dropped = dropped
    }
}
