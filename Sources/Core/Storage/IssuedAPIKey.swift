/// A key that was just made: the only time that it can be read.
public struct IssuedAPIKey: Sendable {
    /// The key. Show it to its owner and forget it.
    public let key: String
    /// What is stored of it.
    public let record: APIKeyRecord
}

extension IssuedAPIKey: CustomStringConvertible, CustomReflectable {
    /// The key's prefix; never the key, so that it cannot end up in a log.
    public var description: String { "\(record.prefix)…" }

    /// As little as `description` tells.
    public var customMirror: Mirror { Mirror(self, children: ["record": record]) }
}
