extension JSONScanner {
    /// Reads a string with its quotation marks; true when it has escape sequences.
    @discardableResult
    package static func string(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) -> Bool {
        try expect(UInt8(ascii: "\""), bytes, &position)
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return hasEscapes
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape(bytes, &position)
            case 0..<0x20:
                throw JSONTextError(.controlCharacter, at: position)
            case 0x80...:
                try multibyteCharacter(bytes, &position)
            default:
                position += 1
            }
        }
        throw JSONTextError(.unexpectedEnd, at: bytes.count)
    }

    /// Reads a number: `-`, whole part without leading zero, fraction, exponent.
    static func number(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) {
        let start = position
        var hasExponent = false
        _ = skip(UInt8(ascii: "-"), bytes, &position)
        if !skip(UInt8(ascii: "0"), bytes, &position) { try digits(bytes, &position, of: start) }
        if skip(UInt8(ascii: "."), bytes, &position) { try digits(bytes, &position, of: start) }
        if skip(UInt8(ascii: "e"), bytes, &position) || skip(UInt8(ascii: "E"), bytes, &position) {
            hasExponent = true
            if !skip(UInt8(ascii: "+"), bytes, &position) { _ = skip(UInt8(ascii: "-"), bytes, &position) }
            try digits(bytes, &position, of: start)
        }
        if position < bytes.count, isDigit(bytes[position]) { throw JSONTextError(.invalidNumber, at: start) }
        // Up to 300 digits without an exponent are small enough in any case.
        guard hasExponent || position - start > 300 else { return }
        let text = String(decoding: (start..<position).map { bytes[$0] }, as: UTF8.self)
        guard Double(text)?.isFinite == true else { throw JSONTextError(.numberTooLarge, at: start) }
    }

    /// The value of a hexadecimal digit.
    static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static func digits(_ bytes: Span<UInt8>, _ position: inout Int, of start: Int) throws(JSONTextError) {
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > first else { throw JSONTextError(.invalidNumber, at: start) }
    }

    private static func escape(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) {
        switch try byte(bytes, position + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let start = position
            switch try codeUnit(bytes, &position) {
            case 0xD800...0xDBFF:
                guard try byte(bytes, position) == UInt8(ascii: "\\"),
                    try byte(bytes, position + 1) == UInt8(ascii: "u"),
                    0xDC00...0xDFFF ~= (try codeUnit(bytes, &position))
                else { throw JSONTextError(.unpairedSurrogate, at: start) }
            case 0xDC00...0xDFFF: throw JSONTextError(.unpairedSurrogate, at: start)
            default: break
            }
        default:
            throw JSONTextError(.invalidEscape, at: position)
        }
    }

    /// Reads `\u` and four hexadecimal digits.
    private static func codeUnit(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONTextError) -> UInt32 {
        var unit: UInt32 = 0
        for offset in 2..<6 {
            guard let digit = hexadecimal(try byte(bytes, position + offset)) else {
                throw JSONTextError(.invalidEscape, at: position)
            }
            unit = unit << 4 | digit
        }
        position += 6
        return unit
    }

    /// Reads a character of two to four bytes; the shortest form only, and no surrogates.
    private static func multibyteCharacter(
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONTextError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch bytes[position] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONTextError(.invalidUTF8, at: position)
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            throw JSONTextError(.invalidUTF8, at: position)
        }
        for offset in 2..<max(2, length) where bytes[position + offset] & 0xC0 != 0x80 {
            throw JSONTextError(.invalidUTF8, at: position)
        }
        position += length
    }
}
