public import NIOCore

/// Checks of JSON text as it comes from outside.
public enum JSONText {
    /// How deep arrays and objects may lie inside each other.
    public static let maximumDepth = 32

    /// Checks that the readable bytes are one JSON value and nothing else, and says what it is.
    ///
    /// Strict (RFC 8259): no `NaN`, no comments, no trailing commas, UTF-8 only. What many programs cannot read is refused
    /// as well (RFC 7493): numbers too large for a `Double`, and halves of surrogate pairs (`withWholeSurrogates(_:)` mends
    /// these).
    @discardableResult
    public static func validate(_ text: ByteBuffer) throws(JSONTextError) -> JSONKind {
        try JSONScanner.text(text.readableBytesUInt8Span)
    }

    /// The text without the space between its parts. The text must have passed `validate(_:)`; one that has no such
    /// space is returned as it is.
    public static func compact(_ text: ByteBuffer) -> ByteBuffer {
        let bytes = text.readableBytesUInt8Span
        guard var position = nextSpace(bytes, from: 0) else { return text }
        var compacted = ByteBufferAllocator().buffer(capacity: bytes.count)
        var start = 0
        while true {
            compacted.writeBytes(bytes.extracting(start..<position).bytes)
            JSONScanner.skipSpace(bytes, &position)
            start = position
            guard let next = nextSpace(bytes, from: position) else { break }
            position = next
        }
        compacted.writeBytes(bytes.extracting(start..<bytes.count).bytes)
        return compacted
    }

    /// The next space outside of strings.
    private static func nextSpace(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var position = start
        var isInString = false
        while position < bytes.count {
            let byte = bytes[position]
            if isInString {
                if byte == UInt8(ascii: "\\") { position += 1 }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if JSONScanner.isSpace(byte) {
                return position
            }
            position += 1
        }
        return nil
    }
}
