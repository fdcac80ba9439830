/// Text in a header field, where only ASCII is safe.
public enum HeaderText {
    /// The most bytes of an encoded text.
    public static let limit = 4096

    /// `text` with everything but printable ASCII, and the percent sign itself, as UTF-8 bytes in the form `%E2`. What
    /// goes beyond `limit` bytes is left out.
    public static func encode(_ text: String, limit: Int = limit) -> String {
        var encoded = ""
        var length = 0
        for scalar in text.unicodeScalars {
            let piece = isPlain(scalar) ? String(scalar) : percentEncoded(scalar)
            length += piece.utf8.count
            guard length <= limit else { break }
            encoded += piece
        }
        return encoded
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        (0x20...0x7E).contains(scalar.value) && scalar != "%"
    }

    private static func percentEncoded(_ scalar: Unicode.Scalar) -> String {
        UTF8.encode(scalar).map { bytes in
            bytes.map { byte in "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true) }.joined()
        } ?? ""
    }
}
