/// Why a draft cannot be published.
public enum DraftError: Error, Hashable, Sendable {
    /// The idempotency key has this many bytes.
    case idempotencyKeyLength(Int)
    /// The state key has this many bytes.
    case stateKeyLength(Int)
    /// A key contains a control character.
    case controlCharacter
    /// It removes an entry of the state but does not say which.
    case removalWithoutKey
}

extension DraftError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .idempotencyKeyLength(let bytes):
            "The idempotency key has \(bytes) bytes; use 1 to \(Draft.maximumKeyBytes)."
        case .stateKeyLength(let bytes):
            "The state key has \(bytes) bytes; use 1 to \(Draft.maximumKeyBytes)."
        case .controlCharacter:
            "A key contains a control character; use printable characters."
        case .removalWithoutKey:
            "The removal names no entry of the state; give its state_key."
        }
    }
}
