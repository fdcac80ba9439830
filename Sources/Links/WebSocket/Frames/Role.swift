/// Which end of a connection this is. Clients mask what they send; servers must not.
public enum Role: Sendable {
    /// The end that accepted the connection.
    case server
    /// The end that opened the connection.
    case client

    var peer: Role { self == .server ? .client : .server }
}
