extension Unicode.Scalar {
    /// Whether it could begin a line, steer a terminal or turn the direction of the text around it.
    var isUnsafeInLogs: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F: true  // control characters
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction
        case 0xFEFF, 0xE0000...0xE007F: true  // invisible
        default: false
        }
    }

    /// `\u0007`, as JSON writes it.
    var utf16Escape: String {
        UTF16.encode(self)?.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined() ?? ""
    }
}
