/// What a connection token is asked to be.
public struct TokenRequest: Sendable {
    /// How long it is valid, at most as long as its API key.
    public var ttl: Duration
    /// What it allows, as far as its API key does; nil for all that the key allows.
    public var permissions: Permissions?
    /// Its name for people; nil for that of the key.
    public var name: String?

    /// A request.
    public init(ttl: Duration, permissions: Permissions? = nil, name: String? = nil) {
        self.ttl = ttl
        self.permissions = permissions
        self.name = name
    }
}
