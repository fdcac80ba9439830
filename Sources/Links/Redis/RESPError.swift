/// Bytes that are not the Redis protocol, or a reply beyond a limit.
public enum RESPError: Error, Equatable, CustomStringConvertible {
    /// The first byte of a value is no type that this client knows.
    case unknownType(UInt8)
    /// A value of the given kind is not written as it must be.
    case malformed(String)
    /// The reply passes the named limit.
    case limitPassed(String, Int)

    /// What is wrong, in one sentence.
    public var description: String {
        switch self {
        case .unknownType(let byte): "The reply has a value of unknown type \(byte): is this a Redis server?"
        case .malformed(let what): "The reply has a malformed \(what): is this a Redis server?"
        case .limitPassed(let what, let limit): "The reply passes the limit of \(limit) \(what): ask for less at once."
        }
    }
}
