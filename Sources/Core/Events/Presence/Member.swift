/// Who is present on a topic: one connection.
public struct Member: Hashable, Sendable {
    /// The connection's identifier.
    public let id: String
    /// The name the connection goes by, if any.
    public let name: String?
    /// The node that holds the connection, nil for this one.
    public let node: String?

    /// A member.
    public init(id: String, name: String? = nil, node: String? = nil) {
        self.id = id
        self.name = name
        self.node = node
    }
}
