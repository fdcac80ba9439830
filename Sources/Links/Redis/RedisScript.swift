/// A Lua script that the server carries out as one command.
public struct RedisScript: Sendable, Hashable {
    /// A name for messages.
    public let name: String
    /// The program.
    public let source: String

    /// A script with a name for messages.
    public init(_ name: String, source: String) {
        self.name = name
        self.source = source
    }
}
