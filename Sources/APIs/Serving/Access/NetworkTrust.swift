/// Whether a client needs no key because it is in one of `auth.trusted_networks`.
public enum NetworkTrust: Sendable {
    /// It is in none of them, or nobody knows where it is.
    case none
    /// It is in one of them.
    case network
    /// It is in one of them, but called the server by a name that may be anybody's: a page of a stranger may have given
    /// that name the server's address (DNS rebinding).
    case unknownName
}
