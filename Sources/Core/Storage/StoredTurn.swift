public import Foundation

/// The account of a turn as it is stored.
public struct StoredTurn: Sendable, Equatable {
    /// The session it belongs to.
    public var session: String
    /// The turn. Its texts have at most 256 KiB each, and there are at most 32 handovers.
    public var record: Turn.Record
    /// When it was stored first, to the millisecond; set by the store.
    public internal(set) var createdAt = Date(timeIntervalSince1970: 0)

    /// A turn of a session.
    public init(session: String, record: Turn.Record) {
        self.session = session
        self.record = record
    }
}
