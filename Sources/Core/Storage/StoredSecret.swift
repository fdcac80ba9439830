/// 32 random bytes that sign something. They are not shown when it is printed.
public struct StoredSecret: Sendable {
    static let length = 32

    /// The bytes. Keep them out of logs.
    public let bytes: [UInt8]
}

extension StoredSecret: CustomStringConvertible, CustomReflectable {
    /// Nothing of the secret.
    public var description: String { "***" }

    /// As little as `description` tells.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
