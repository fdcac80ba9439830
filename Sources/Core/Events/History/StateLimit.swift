/// Which limit of a topic's keyed state was met.
public enum StateLimit: Hashable, Sendable {
    /// The most keys.
    case entries(Int)
    /// The most bytes of all entries.
    case bytes(Int)
    /// The most bytes that the states of all topics together may hold.
    case totalBytes(Int)
    /// The most bytes that the states of one publisher's topics may hold.
    case publisherBytes(Int)
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
            "The states of all topics, with the keys of durable ones, may have \(count) bytes together; "
                + "remove an entry or try again later."
        case .publisherBytes(let count):
            "The states of the topics that you publish to, with the keys of durable ones, may have \(count) bytes together; "
                + "remove an entry or try again later."
        }
    }
}
