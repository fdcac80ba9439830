public import Events

extension APIFailure {
    /// A body that is not the JSON that is wanted: says why, and at which byte. `message` is given where a reader knows
    /// more than the error.
    public static func invalidJSON(_ error: JSONTextError, _ message: String? = nil) -> APIFailure {
        let message = message ?? error.description
        return .invalid(
            .init(["body", "\(error.offset)"], "json_invalid", message, context: ["error": .string(message)])
        )
    }
}

extension JSONValue {
    /// The most values in one body, those inside others included; each takes much more room than its text.
    static let maximumValues = 100_000

    /// Reads JSON, as strict as `JSONText.validate`, but an escape that is half of a surrogate pair as U+FFFD. Throws `APIFailure` (422, as the fault `json_invalid`) for anything
    /// else, for what lies too deep and for too many values.
    public init(parsing bytes: [UInt8]) throws(APIFailure) {
        do throws(JSONTextError) {
            do throws(JSONTextError) {
                self = try Self.tree(bytes)
            } catch {
                guard error.reason == .unpairedSurrogate else { throw error }
                self = try Self.tree(JSONText.withWholeSurrogates(bytes))
            }
        } catch {
            let message =
                error.reason == .tooManyMembers
                ? "The JSON text has more than \(Self.maximumValues) values at byte \(error.offset)." : nil
            throw .invalidJSON(error, message)
        }
    }

    private static func tree(_ bytes: [UInt8]) throws(JSONTextError) -> JSONValue {
        var reader = JSONTreeReader(limit: maximumValues)
        return try reader.text(bytes.span)
    }
}

/// Builds values in one pass.
private struct JSONTreeReader {
    /// How many values may follow.
    private var limit: Int
    private var position = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func text(_ bytes: Span<UInt8>) throws(JSONTextError) -> JSONValue {
        JSONScanner.skipSpace(bytes, &position)
        let value = try value(bytes, depth: 1)
        try JSONScanner.end(bytes, &position)
        return value
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONTextError) -> JSONValue {
        limit -= 1
        guard limit >= 0 else { throw JSONTextError(.tooManyMembers, at: position) }
        let start = position
        switch try JSONScanner.byte(bytes, position) {
        case UInt8(ascii: "{"): return .object(try object(bytes, depth: depth))
        case UInt8(ascii: "["): return .array(try array(bytes, depth: depth))
        case UInt8(ascii: "\""): return .string(try string(bytes))
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
            switch try JSONScanner.value(bytes, &position, depth: depth) {
            case .bool: return .bool(bytes[start] == UInt8(ascii: "t"))
            default: return .null
            }
        default:
            try JSONScanner.value(bytes, &position, depth: depth)
            // What the scanner took for a number is one that a `Double` can hold.
            return .number(Double(JSONScanner.unescaped(bytes, start..<position)) ?? 0)
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONTextError) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        guard try open(bytes, depth: depth, until: UInt8(ascii: "}")) else { return members }
        repeat {
            JSONScanner.skipSpace(bytes, &position)
            let key = try string(bytes)
            JSONScanner.skipSpace(bytes, &position)
            try JSONScanner.expect(UInt8(ascii: ":"), bytes, &position)
            JSONScanner.skipSpace(bytes, &position)
            members[key] = try value(bytes, depth: depth + 1)
            JSONScanner.skipSpace(bytes, &position)
        } while JSONScanner.skip(UInt8(ascii: ","), bytes, &position)
        try JSONScanner.expect(UInt8(ascii: "}"), bytes, &position)
        return members
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONTextError) -> [JSONValue] {
        var elements: [JSONValue] = []
        guard try open(bytes, depth: depth, until: UInt8(ascii: "]")) else { return elements }
        repeat {
            JSONScanner.skipSpace(bytes, &position)
            elements.append(try value(bytes, depth: depth + 1))
            JSONScanner.skipSpace(bytes, &position)
        } while JSONScanner.skip(UInt8(ascii: ","), bytes, &position)
        try JSONScanner.expect(UInt8(ascii: "]"), bytes, &position)
        return elements
    }

    /// Reads a bracket; false when the closing one follows at once, which is read too.
    private mutating func open(
        _ bytes: Span<UInt8>,
        depth: Int,
        until closing: UInt8
    ) throws(JSONTextError) -> Bool {
        guard depth <= JSONText.maximumDepth else { throw JSONTextError(.tooDeep, at: position) }
        position += 1
        JSONScanner.skipSpace(bytes, &position)
        return !JSONScanner.skip(closing, bytes, &position)
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(JSONTextError) -> String {
        let start = position + 1
        try JSONScanner.string(bytes, &position)
        return JSONScanner.unescaped(bytes, start..<position - 1)
    }
}
