/// Why credentials are not valid any more.
public enum CredentialEnd: Sendable, Equatable {
    /// Their time is over.
    case expired
    /// Their API key was revoked.
    case revoked
}

extension CredentialEnd: CustomStringConvertible {
    /// A sentence for whoever is cut off.
    public var description: String {
        switch self {
        case .expired: "Credentials expired."
        case .revoked: "Credentials revoked."
        }
    }
}
