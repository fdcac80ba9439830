/// A value of a setting in the form in which it is written: what JSON and YAML can say.
public enum SettingValue: Sendable, Hashable {
    /// A member of an object.
    public struct Member: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: SettingValue

        /// A member.
        public init(_ name: String, _ value: SettingValue) {
            self.name = name
            self.value = value
        }
    }

    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A number; finite.
    case double(Double)
    /// Text.
    case string(String)
    /// A list.
    case array([SettingValue])
    /// Names and values, in order.
    case object([Member])
}

extension SettingValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .int(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Nothing.
    public init(nilLiteral: ()) { self = .null }
    /// A list.
    public init(arrayLiteral elements: SettingValue...) { self = .array(elements) }
    /// Names and values, in the order in which they are written.
    public init(dictionaryLiteral elements: (String, SettingValue)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}

extension SettingValue {
    /// The value of the member called `name`; nil when there is none or this is no object.
    public subscript(name: String) -> SettingValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// This object with the members of `other` behind its own.
    func adding(_ other: SettingValue) -> SettingValue {
        guard case .object(let members) = self, case .object(let more) = other else { return self }
        return .object(members + more)
    }

    /// Puts `value` at `path` below this object and makes the objects on the way.
    mutating func insert(_ value: SettingValue, at path: ArraySlice<Substring>) {
        guard let name = path.first else { return self = value }
        var members: [Member] = if case .object(let members) = self { members } else { [] }
        let index =
            members.firstIndex { $0.name == name }
            ?? {
                members.append(Member(String(name), .object([])))
                return members.count - 1
            }()
        members[index].value.insert(value, at: path.dropFirst())
        self = .object(members)
    }
}

extension SettingValue: Decodable {
    /// A value out of JSON; the members of an object are ordered by name.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let int = try? container.decode(Int.self) {
            self = .int(int)
        } else if let double = try? container.decode(Double.self) {
            self = .double(double)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([SettingValue].self) {
            self = .array(array)
        } else {
            let members = try container.decode([String: SettingValue].self)
            self = .object(members.sorted { $0.key < $1.key }.map { Member($0.key, $0.value) })
        }
    }
}
