public import Foundation

/// A credential for one or a few connections: short-lived, signed by the server and not stored by it.
public struct ConnectionToken: Sendable, Equatable {
    /// How long a token may be valid.
    public static let allowedTTL: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))

    /// Its name for programs, which cannot be guessed.
    public let id: String
    /// Its name for people.
    public let name: String
    /// The id of the API key it was made with; it is valid no longer than that.
    public let key: String
    /// When it was made, to the second.
    public let issuedAt: Date
    /// When it stops being valid, to the second.
    public let expiresAt: Date
    /// What it allows.
    public let permissions: Permissions

    /// A token.
    init(id: String, name: String, key: String, issuedAt: Date, expiresAt: Date, permissions: Permissions) {
        self.id = id
        self.name = name
        self.key = key
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.permissions = permissions
    }
}
