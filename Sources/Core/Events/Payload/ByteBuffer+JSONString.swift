internal import NIOCore

extension ByteBuffer {
    /// Appends a JSON string. Quotation marks, backslashes and control characters are escaped, nothing else.
    mutating func writeJSONString(_ text: String) {
        writeInteger(UInt8(ascii: "\""))
        if text.utf8.contains(where: Self.needsEscape) {
            writeEscaped(text)
        } else {
            writeString(text)
        }
        writeInteger(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func writeEscaped(_ text: String) {
        let hexadecimal: StaticString = "0123456789abcdef"
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): writeMultipleIntegers(UInt8(ascii: "\\"), byte)
            case 0x08: writeStaticString("\\b")
            case 0x09: writeStaticString("\\t")
            case 0x0A: writeStaticString("\\n")
            case 0x0C: writeStaticString("\\f")
            case 0x0D: writeStaticString("\\r")
            case 0..<0x20:
                writeStaticString("\\u00")
                writeInteger(hexadecimal.utf8Start[Int(byte >> 4)])
                writeInteger(hexadecimal.utf8Start[Int(byte & 15)])
            default: writeInteger(byte)
            }
        }
    }
}
