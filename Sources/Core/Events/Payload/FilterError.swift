/// Why a filter cannot be used.
public enum FilterError: Error, Hashable, Sendable {
    /// There is a member other than `types` and `data`.
    case unknownMember(String)
    /// `types` is not an array of at most 32 strings.
    case invalidTypes
    /// `data` is not an object.
    case invalidData
    /// There are more conditions than `Filter.maximumConditions`.
    case tooManyConditions(Int)
    /// A type, a key or a value has more bytes than `Filter.maximumTextBytes`.
    case tooLong(bytes: Int)
    /// The condition for this key is an object or an array.
    case unsupportedValue(key: String)
}

extension FilterError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .unknownMember(let name):
            "The filter has a member '\(name.prefix(40))'; it may have 'types' and 'data'."
        case .invalidTypes:
            "The filter's 'types' must be an array of 1 to \(Filter.maximumTypes) strings."
        case .invalidData:
            "The filter's 'data' must be an object of keys and the values they must have."
        case .tooManyConditions(let count):
            "The filter has \(count) conditions; use \(Filter.maximumConditions) at most."
        case .tooLong(let bytes):
            "The filter has a text of \(bytes) bytes; use \(Filter.maximumTextBytes) at most."
        case .unsupportedValue(let key):
            "The filter compares '\(key)' with an object or an array; use a string, number, true, false or null."
        }
    }
}
