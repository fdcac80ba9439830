extension JSONText {
    /// The text with `\ufffd`, which stands for a character that cannot be read, in place of every escape that is half of a
    /// surrogate pair (Unicode 17, 3.9). Nothing moves: both have six bytes.
    package static func withWholeSurrogates(_ text: [UInt8]) -> [UInt8] {
        var text = text
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "\\") else {
                position += 1
                continue
            }
            switch unit(text, at: position) {
            case 0xD800...0xDBFF:
                if 0xDC00...0xDFFF ~= unit(text, at: position + 6) {
                    position += 12
                } else {
                    text.replaceSubrange(position..<position + 6, with: replacement)
                    position += 6
                }
            case 0xDC00...0xDFFF:
                text.replaceSubrange(position..<position + 6, with: replacement)
                position += 6
            default:
                // Another escape: what is behind the backslash is no beginning of one.
                position += 2
            }
        }
        return text
    }

    private static let replacement = Array("\\ufffd".utf8)

    /// The code unit of an escape such as `\u12ab`; 0 when there is none at `position`.
    private static func unit(_ text: [UInt8], at position: Int) -> UInt32 {
        guard position + 6 <= text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u")
        else { return 0 }
        var unit: UInt32 = 0
        for digit in text[position + 2..<position + 6] {
            guard let digit = JSONScanner.hexadecimal(digit) else { return 0 }
            unit = unit << 4 | digit
        }
        return unit
    }
}
