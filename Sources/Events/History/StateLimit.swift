/// Which limit of a topic's keyed state was met.
public enum StateLimit: Hashable, Sendable {
    /// The most keys.
    case entries(Int)
    /// The most bytes of all entries.
    case bytes(Int)
    /// The most bytes that all topics together may hold.
    case totalBytes(Int)
}

extension StateLimit: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .entries(let count):
            "The state of the topic has \(count) entries already; remove one before adding another."
        case .bytes(let count):
            "The state of the topic may have \(count) bytes; remove an entry or publish less data."
        case .totalBytes(let count):
            "The topics of the server hold \(count) bytes already; try again later."
        }
    }
}
