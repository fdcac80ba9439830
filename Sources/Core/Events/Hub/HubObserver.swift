/// Counts what a hub does. Called from any thread and by those who are in a hurry: it is to return at once.
public protocol HubObserver: Sendable {
    /// What became of a draft.
    func published(_ outcome: PublishOutcome)

    /// A loop has sent what waited for the end of a tick, which took it so long.
    func passed(_ pass: FanoutPass, in time: Duration)
}
