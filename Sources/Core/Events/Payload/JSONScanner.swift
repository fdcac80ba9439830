/// One pass over JSON text (RFC 8259) without building anything.
///
/// Every function begins at `position` and leaves it behind what it has read.
package enum JSONScanner {
    /// Where a member of an object lies in the text.
    struct Member: Sendable {
        /// Between the quotation marks.
        let key: Range<Int>
        let keyHasEscapes: Bool
        let kind: JSONKind
        let value: Range<Int>
    }

    /// Reads a whole text: one value with nothing but space around it.
    static func text(_ bytes: Span<UInt8>) throws(JSONTextError) -> JSONKind {
        var position = 0
        skipSpace(bytes, &position)
        let kind = try value(bytes, &position, depth: 1)
        try end(bytes, &position)
        return kind
    }

    /// Reads a value whose array or object, if it is one, is at this depth.
    @discardableResult
    package static func value(_ bytes: Span<UInt8>, _ position: inout Int, depth: Int) throws(JSONTextError) -> JSONKind
    {
        switch try byte(bytes, position) {
        case UInt8(ascii: "{"):
            try object(bytes, &position, depth: depth) { _ throws(JSONTextError) in }
            return .object
        case UInt8(ascii: "["):
            try array(bytes, &position, depth: depth) { _, _ throws(JSONTextError) in }
            return .array
        case UInt8(ascii: "\""):
            try string(bytes, &position)
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(bytes, &position)
            return .number
        case UInt8(ascii: "t"):
            try literal("true", bytes, &position)
            return .bool
        case UInt8(ascii: "f"):
            try literal("false", bytes, &position)
            return .bool
        case UInt8(ascii: "n"):
            try literal("null", bytes, &position)
            return .null
        default:
            throw JSONTextError(.unexpectedByte, at: position)
        }
    }

    /// Reads an object and shows its members as they come.
    static func object(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        depth: Int,
        visit: (Member) throws(JSONTextError) -> Void
    ) throws(JSONTextError) {
        guard depth <= JSONText.maximumDepth else { throw JSONTextError(.tooDeep, at: position) }
        try expect(UInt8(ascii: "{"), bytes, &position)
        skipSpace(bytes, &position)
        if skip(UInt8(ascii: "}"), bytes, &position) { return }
        while true {
            let keyStart = position + 1
            let keyHasEscapes = try string(bytes, &position)
            let key = keyStart..<(position - 1)
            skipSpace(bytes, &position)
            try expect(UInt8(ascii: ":"), bytes, &position)
            skipSpace(bytes, &position)
            let valueStart = position
            let kind = try value(bytes, &position, depth: depth + 1)
            try visit(Member(key: key, keyHasEscapes: keyHasEscapes, kind: kind, value: valueStart..<position))
            skipSpace(bytes, &position)
            if skip(UInt8(ascii: "}"), bytes, &position) { return }
            try expect(UInt8(ascii: ","), bytes, &position)
            skipSpace(bytes, &position)
        }
    }

    /// Reads an array and shows its elements as they come.
    static func array(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        depth: Int,
        visit: (JSONKind, Range<Int>) throws(JSONTextError) -> Void
    ) throws(JSONTextError) {
        guard depth <= JSONText.maximumDepth else { throw JSONTextError(.tooDeep, at: position) }
        try expect(UInt8(ascii: "["), bytes, &position)
        skipSpace(bytes, &position)
        if skip(UInt8(ascii: "]"), bytes, &position) { return }
        while true {
            let start = position
            let kind = try value(bytes, &position, depth: depth + 1)
            try visit(kind, start..<position)
            skipSpace(bytes, &position)
            if skip(UInt8(ascii: "]"), bytes, &position) { return }
            try expect(UInt8(ascii: ","), bytes, &position)
            skipSpace(bytes, &position)
        }
    }

    /// Reads space up to the end of the text.
    package static func end(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) {
        skipSpace(bytes, &position)
        guard position == bytes.count else { throw JSONTextError(.trailingBytes, at: position) }
    }

    package static func skipSpace(_ bytes: Span<UInt8>, _ position: inout Int) {
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    package static func byte(_ bytes: Span<UInt8>, _ position: Int) throws(JSONTextError) -> UInt8 {
        guard position < bytes.count else { throw JSONTextError(.unexpectedEnd, at: bytes.count) }
        return bytes[position]
    }

    package static func expect(_ byte: UInt8, _ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) {
        guard try self.byte(bytes, position) == byte else { throw JSONTextError(.unexpectedByte, at: position) }
        position += 1
    }

    /// Reads this byte if it comes next.
    package static func skip(_ byte: UInt8, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private static func literal(
        _ text: StaticString,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONTextError) {
        for index in 0..<text.utf8CodeUnitCount {
            try expect(text.utf8Start[index], bytes, &position)
        }
    }
}
