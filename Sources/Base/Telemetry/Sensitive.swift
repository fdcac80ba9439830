/// Text of a user, or a secret, that must not reach a log, an error message or a dump by accident.
///
/// Interpolating, printing, dumping, reflecting and encoding all give `‹hidden›`; only ``reveal()`` gives the value.
public struct Sensitive<Value> {
    private let value: Value

    /// Hides `value`.
    public init(_ value: Value) {
        self.value = value
    }

    /// The hidden value. Call it where the value is used, and keep the result out of logs.
    public func reveal() -> Value {
        value
    }

    /// Another value made of this one, hidden as well.
    public func map<Other>(_ transform: (Value) throws -> Other) rethrows -> Sensitive<Other> {
        Sensitive<Other>(try transform(value))
    }
}

extension Sensitive: Sendable where Value: Sendable {}
extension Sensitive: Equatable where Value: Equatable {}
extension Sensitive: Hashable where Value: Hashable {}

extension Sensitive: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `‹hidden›`.
    public var description: String { "‹hidden›" }

    /// Always `‹hidden›`.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror {
        Mirror(self, unlabeledChildren: EmptyCollection<Never>())
    }
}

extension Sensitive: Decodable where Value: Decodable {
    /// Decodes the plain value and hides it. Throws what the value's own decoding throws.
    public init(from decoder: any Decoder) throws {
        self.init(try Value(from: decoder))
    }
}

extension Sensitive: Encodable {
    /// Encodes the string `‹hidden›`, whatever the value is: to send the value, encode what ``reveal()`` returns.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
