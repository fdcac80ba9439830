public import NIOCore

/// Reads a JSON object member by member, without decoding what nobody asks for.
///
/// When a key stands twice in the object, the last member counts.
public struct JSONObjectReader: Sendable {
    /// The most members of an object.
    public static let maximumMembers = 1024

    /// The whole text, in which no escape is half of a surrogate pair.
    public let text: ByteBuffer
    private let members: [JSONScanner.Member]

    /// Checks a whole text as `JSONText.validate(_:)` does, that it is an object, and finds its members. An escape that is
    /// half of a surrogate pair is read as U+FFFD.
    public init(_ text: ByteBuffer) throws(JSONTextError) {
        do throws(JSONTextError) {
            try self.init(whole: text.slice())
        } catch {
            guard error.reason == .unpairedSurrogate else { throw error }
            let mended = JSONText.withWholeSurrogates(Array(text.readableBytesView))
            try self.init(whole: ByteBuffer(bytes: mended))
        }
    }

    private init(whole text: ByteBuffer) throws(JSONTextError) {
        let bytes = text.readableBytesUInt8Span
        var members: [JSONScanner.Member] = []
        var position = 0
        JSONScanner.skipSpace(bytes, &position)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else {
            _ = try JSONScanner.text(bytes)
            throw JSONTextError(.notAnObject, at: position)
        }
        try JSONScanner.object(bytes, &position, depth: 1) { member throws(JSONTextError) in
            guard members.count < Self.maximumMembers else {
                throw JSONTextError(.tooManyMembers, at: member.key.lowerBound)
            }
            members.append(member)
        }
        try JSONScanner.end(bytes, &position)
        self.text = text
        self.members = members
    }

    /// The keys in the order of the text.
    public var keys: [String] { members.map { string(in: $0.key, hasEscapes: $0.keyHasEscapes) } }

    /// What the member is; nil when there is none.
    public func kind(of key: String) -> JSONKind? { member(key)?.kind }

    /// The member as it is written; nil when there is none.
    public func raw(_ key: String) -> ByteBuffer? { member(key).flatMap { slice($0.value) } }

    /// The characters of a string; nil when the member is none.
    public func string(_ key: String) -> String? {
        guard let member = member(key), member.kind == .string else { return nil }
        return string(in: member.value.dropFirst().dropLast())
    }

    /// A whole number from 0; nil when the member is anything else or too large.
    public func unsigned(_ key: String) -> UInt64? { number(key).flatMap { UInt64($0) } }

    /// A whole number; nil when the member is anything else or too large.
    public func integer(_ key: String) -> Int64? { number(key).flatMap { Int64($0) } }

    /// A finite number; nil when the member is none.
    public func double(_ key: String) -> Double? {
        number(key).flatMap { Double($0) }
    }

    /// A truth value; nil when the member is none.
    public func bool(_ key: String) -> Bool? {
        guard let member = member(key), member.kind == .bool else { return nil }
        return member.value.count == 4
    }

    /// An object as it is written; nil when the member is none. It shares memory with the whole text.
    public func object(_ key: String) -> ByteBuffer? { kind(of: key) == .object ? raw(key) : nil }

    /// A reader of an object; nil when the member is none. Throws when it has too many members.
    public func reader(_ key: String) throws(JSONTextError) -> JSONObjectReader? {
        guard let object = object(key) else { return nil }
        return try JSONObjectReader(object)
    }

    /// The strings of an array; nil when the member is none, has other elements or more than `limit`.
    public func strings(_ key: String, limit: Int) -> [String]? {
        guard let member = member(key), member.kind == .array else { return nil }
        let bytes = text.readableBytesUInt8Span
        var position = member.value.lowerBound
        var ranges: [Range<Int>] = []
        var count = 0
        do {
            // The text is known to be good, its depth too; so this scan throws nothing.
            try JSONScanner.array(bytes, &position, depth: 1) { kind, range throws(JSONTextError) in
                count += 1
                if kind == .string, ranges.count < limit { ranges.append(range.dropFirst().dropLast()) }
            }
        } catch { return nil }
        return ranges.count == count ? ranges.map { string(in: $0) } : nil
    }

    private func member(_ key: String) -> JSONScanner.Member? {
        let bytes = text.readableBytesUInt8Span
        let keyBytes = key.utf8.count
        for member in members.reversed() {
            if member.keyHasEscapes {
                // Six bytes at most stand for one.
                guard member.key.count <= 6 * keyBytes else { continue }
                if JSONScanner.unescaped(bytes, member.key).utf8.elementsEqual(key.utf8) { return member }
            } else if member.key.count == keyBytes, JSONScanner.equals(bytes, member.key, key.utf8) {
                return member
            }
        }
        return nil
    }

    private func number(_ key: String) -> String? {
        guard let member = member(key), member.kind == .number else { return nil }
        return string(in: member.value, hasEscapes: false)
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer? {
        text.getSlice(at: range.lowerBound, length: range.count)
    }

    private func string(in range: Range<Int>) -> String {
        let hasEscapes = JSONScanner.hasEscapes(text.readableBytesUInt8Span, range)
        return string(in: range, hasEscapes: hasEscapes)
    }

    private func string(in range: Range<Int>, hasEscapes: Bool) -> String {
        if hasEscapes { return JSONScanner.unescaped(text.readableBytesUInt8Span, range) }
        return text.getString(at: range.lowerBound, length: range.count) ?? ""
    }
}
