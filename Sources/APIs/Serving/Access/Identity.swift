public import Foundation

/// Who a request or connection comes from, as far as its credentials tell.
public struct Identity: Sendable, Equatable {
    /// By what it was recognised.
    public enum Kind: Sendable, Equatable {
        /// By nothing: the request did not have to show anything.
        case unidentified
        /// By nothing, on a server that asks nobody for a key.
        case open
        /// By an API key.
        case apiKey(id: String, name: String)
        /// By a connection token, which was made with the API key of the id `key`.
        case token(id: String, name: String, key: String)
    }

    /// By what it was recognised.
    public let kind: Kind
    /// What it may do.
    public let grant: AccessGrant
    /// When its credentials expire; nil if they never do.
    public let expiry: Date?

    /// An identity.
    public init(_ kind: Kind, grant: AccessGrant, expiry: Date? = nil) {
        self.kind = kind
        self.grant = grant
        self.expiry = expiry
    }

    /// Of whom nothing is known; may nothing.
    public static let unidentified = Identity(.unidentified, grant: .nothing)

    /// Anybody, on a server that asks nobody for a key; may everything.
    public static let open = Identity(.open, grant: .everything)

    /// What it may do with which topics.
    public var permissions: Permissions { grant.topics }

    /// The id of the key or token that was shown; nil if none was.
    public var credential: String? {
        switch kind {
        case .unidentified, .open: nil
        case .apiKey(let id, _), .token(let id, _, _): id
        }
    }

    /// The id of the API key that all this hangs on; nil without one.
    public var key: String? {
        switch kind {
        case .unidentified, .open: nil
        case .apiKey(let id, _), .token(_, _, let id): id
        }
    }

    /// The name for people of the key or token; nil without one.
    public var name: String? {
        switch kind {
        case .unidentified, .open: nil
        case .apiKey(_, let name), .token(_, let name, _): name
        }
    }
}
