public import Foundation

/// A token that was just made.
public struct IssuedToken: Sendable {
    /// What clients present.
    public let text: String
    /// When it stops being valid.
    public let expiresAt: Date
    /// The whole seconds until then.
    public let expiresIn: Int
    /// What it allows, which may be less than was asked for.
    public let permissions: Permissions
}

extension IssuedToken: CustomStringConvertible, CustomReflectable {
    /// Nothing of the token, so that it cannot end up in a log.
    public var description: String { "token valid for \(expiresIn) s" }
    /// As little as `description` tells.
    public var customMirror: Mirror { Mirror(self, children: ["expiresIn": expiresIn]) }
}
