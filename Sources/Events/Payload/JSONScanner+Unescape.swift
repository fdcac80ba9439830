extension JSONScanner {
    /// The characters of a string that was scanned before; `range` lies between its quotation marks. Half of a
    /// surrogate pair becomes U+FFFD.
    static func unescaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            guard bytes[position] == UInt8(ascii: "\\"), position + 1 < range.upperBound else {
                text.append(bytes[position])
                position += 1
                continue
            }
            let escape = bytes[position + 1]
            position += 2
            switch escape {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"): text.append(contentsOf: String(scalar(bytes, &position, range.upperBound)).utf8)
            default: text.append(escape)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the four digits behind `\u`, and the second half of a pair if these are the first.
    private static func scalar(_ bytes: Span<UInt8>, _ position: inout Int, _ end: Int) -> Unicode.Scalar {
        guard let first = codeUnit(bytes, position, end) else {
            position = end
            return "\u{FFFD}"
        }
        position += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 6 <= end, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u"), let second = codeUnit(bytes, position + 2, end),
            (0xDC00...0xDFFF).contains(second)
        else { return "\u{FFFD}" }
        position += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private static func codeUnit(_ bytes: Span<UInt8>, _ position: Int, _ end: Int) -> UInt32? {
        guard position + 4 <= end else { return nil }
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = hexadecimal(bytes[position + offset]) else { return nil }
            value = value << 4 + digit
        }
        return value
    }
}

extension JSONScanner {
    static func hasEscapes(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for position in range where bytes[position] == UInt8(ascii: "\\") { return true }
        return false
    }

    /// Whether the bytes of a range are these, which must be as many.
    static func equals(_ bytes: Span<UInt8>, _ range: Range<Int>, _ other: some Sequence<UInt8>) -> Bool {
        var position = range.lowerBound
        for byte in other {
            guard bytes[position] == byte else { return false }
            position += 1
        }
        return true
    }
}
