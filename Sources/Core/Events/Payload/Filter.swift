public import NIOCore

/// Which messages of a topic a subscriber wants: by type, and by the values of members of `data`.
public struct Filter: Sendable {
    /// The most conditions on members of `data`.
    public static let maximumConditions = 16
    /// The most types.
    public static let maximumTypes = 32
    /// The most bytes of a type, a key or a value.
    public static let maximumTextBytes = 255

    private struct Condition: Sendable {
        let key: ExactText
        let value: Value
    }

    private enum Value: Sendable {
        case string([UInt8])
        case number([UInt8])
        case bool(Bool)
        case null
    }

    /// The types that pass, nil for all.
    public let types: Set<String>?
    private let conditions: [Condition]

    /// A filter by type alone.
    public init(types: Set<String>?) {
        self.types = types
        conditions = []
    }

    /// Reads `{"types":["…"],"data":{"key":value}}`, where both members may be absent.
    public init(_ object: JSONObjectReader) throws(FilterError) {
        if let unknown = object.keys.first(where: { $0 != "types" && $0 != "data" }) { throw .unknownMember(unknown) }
        types = try Self.types(in: object)
        conditions = try Self.conditions(in: object)
    }

    /// Whether a message passes: its type is wanted, and each key of the conditions stands in its data with a value equal
    /// to the condition's. Numbers are compared by value, so `1` equals `1.0`. Data that is no JSON object passes only
    /// without conditions.
    func matches(_ subject: inout FilterSubject) -> Bool {
        if let types, !types.contains(subject.type) { return false }
        return conditions.allSatisfy { condition in
            guard let member = subject.member(condition.key) else { return false }
            return Self.holds(condition.value, for: member, subject.data.readableBytesUInt8Span)
        }
    }

    /// Whether a message with this type and data passes.
    public func matches(type: String, data: ByteBuffer) -> Bool {
        var subject = FilterSubject(type: type, data: data)
        return matches(&subject)
    }

    private static func holds(_ value: Value, for member: JSONScanner.Member, _ bytes: Span<UInt8>) -> Bool {
        switch (value, member.kind) {
        case (.string(let text), .string):
            let range = member.value.dropFirst().dropLast()
            return isString(bytes, range, equalTo: text, hasEscapes: JSONScanner.hasEscapes(bytes, range))
        case (.number(let text), .number):
            return isNumber(bytes, member.value, equalTo: text)
        case (.bool(let wanted), .bool):
            return (member.value.count == 4) == wanted
        case (.null, .null):
            return true
        default:
            return false
        }
    }

    private static func isString(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        equalTo text: [UInt8],
        hasEscapes: Bool
    ) -> Bool {
        if hasEscapes { return JSONScanner.unescaped(bytes, range).utf8.elementsEqual(text) }
        return range.count == text.count && JSONScanner.equals(bytes, range, text)
    }

    private static func isNumber(_ bytes: Span<UInt8>, _ range: Range<Int>, equalTo text: [UInt8]) -> Bool {
        if range.count == text.count, JSONScanner.equals(bytes, range, text) { return true }
        let other = range.map { bytes[$0] }
        // Whole numbers have one spelling, but for the sign of zero; as doubles, large ones would all look alike.
        if isWhole(text), isWhole(other) { return isZero(text) && isZero(other) }
        guard let left = double(text), let right = double(other) else { return false }
        return left == right
    }

    private static func isWhole(_ text: [UInt8]) -> Bool {
        text.allSatisfy { $0 == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }

    private static func isZero(_ text: [UInt8]) -> Bool {
        text == [UInt8(ascii: "0")] || text == [UInt8(ascii: "-"), UInt8(ascii: "0")]
    }

    private static func double(_ text: [UInt8]) -> Double? { Double(String(decoding: text, as: UTF8.self)) }

    private static func types(in object: JSONObjectReader) throws(FilterError) -> Set<String>? {
        guard let kind = object.kind(of: "types"), kind != .null else { return nil }
        guard let types = object.strings("types", limit: maximumTypes), !types.isEmpty else { throw .invalidTypes }
        for type in types { try check(type.utf8.count) }
        return Set(types)
    }

    private static func conditions(in object: JSONObjectReader) throws(FilterError) -> [Condition] {
        guard let kind = object.kind(of: "data"), kind != .null else { return [] }
        let reader: JSONObjectReader?
        do { reader = try object.reader("data") } catch { throw .tooManyConditions(JSONObjectReader.maximumMembers) }
        guard let reader else { throw .invalidData }
        var conditions: [Condition] = []
        let keys = Set(reader.keys.map(ExactText.init))
        guard keys.count <= maximumConditions else { throw .tooManyConditions(keys.count) }
        for key in keys {
            try check(key.text.utf8.count)
            try check(reader.raw(key.text)?.readableBytes ?? 0)
            conditions.append(Condition(key: key, value: try value(of: key.text, in: reader)))
        }
        return conditions
    }

    private static func check(_ bytes: Int) throws(FilterError) {
        guard bytes <= maximumTextBytes else { throw .tooLong(bytes: bytes) }
    }

    private static func value(of key: String, in reader: JSONObjectReader) throws(FilterError) -> Value {
        switch reader.kind(of: key) {
        case .string: return .string(Array((reader.string(key) ?? "").utf8))
        case .number: return .number(reader.raw(key).map { Array($0.readableBytesView) } ?? [])
        case .bool: return .bool(reader.bool(key) ?? false)
        case .null: return .null
        case .object, .array, nil: throw .unsupportedValue(key: key)
        }
    }
}
