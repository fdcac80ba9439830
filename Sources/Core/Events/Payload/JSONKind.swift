/// What a JSON value is.
public enum JSONKind: Hashable, Sendable {
    /// `{…}`
    case object
    /// `[…]`
    case array
    /// `"…"`
    case string
    /// A number, whole or not.
    case number
    /// `true` or `false`
    case bool
    /// `null`
    case null
}
