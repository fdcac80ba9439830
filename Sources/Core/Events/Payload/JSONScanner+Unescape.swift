extension JSONScanner {
    /// The characters of a string that was scanned before, and so is right; `range` lies between its quotation marks.
    package static func unescaped(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
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
            case UInt8(ascii: "u"): text.append(contentsOf: String(scalar(bytes, &position)).utf8)
            default: text.append(escape)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the four digits behind `\u`, and the second half of a pair if these are the first.
    private static func scalar(_ bytes: Span<UInt8>, _ position: inout Int) -> Unicode.Scalar {
        let first = digits(bytes, &position)
        if let scalar = Unicode.Scalar(first) { return scalar }
        position += 2
        let second = digits(bytes, &position)
        return Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF) ?? "\u{FFFD}"
    }

    private static func digits(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt32 {
        defer { position += 4 }
        return (position..<position + 4).reduce(0) { $0 << 4 | (hexadecimal(bytes[$1]) ?? 0) }
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
