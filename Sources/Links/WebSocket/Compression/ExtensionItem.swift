/// One element of a `Sec-WebSocket-Extensions` value: a name and its parameters, all in lower case.
struct ExtensionItem {
    /// More elements or parameters than this are not read.
    private static let limit = 16

    let name: String
    private(set) var parameters: [(name: String, value: String?)] = []

    /// The elements of a header value; nil when it is malformed, repeats a parameter or has too many elements.
    static func parse(_ text: String) -> [ExtensionItem]? {
        var scanner = Scanner(rest: text.utf8[...])
        var items: [ExtensionItem] = []
        repeat {
            // A list may have empty elements, as joining several fields can leave.
            scanner.skipSpace()
            if scanner.isAtEnd { break }
            if scanner.isNext(",") { continue }
            guard let item = scanner.item(), items.count < limit else { return nil }
            items.append(item)
        } while scanner.take(",")
        return scanner.isAtEnd ? items : nil
    }

    private struct Scanner {
        var rest: Substring.UTF8View

        var isAtEnd: Bool { rest.isEmpty }

        func isNext(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard isNext(character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func skipSpace() {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        }

        mutating func item() -> ExtensionItem? {
            guard let name = token() else { return nil }
            var item = ExtensionItem(name: name)
            skipSpace()
            while take(";") {
                skipSpace()
                guard let name = token() else { return nil }
                skipSpace()
                var value: String?
                if take("=") {
                    skipSpace()
                    guard let text = isNext("\"") ? quotedToken() : token() else { return nil }
                    value = text
                    skipSpace()
                }
                guard item.parameters.count < ExtensionItem.limit,
                    !item.parameters.contains(where: { $0.name == name })
                else { return nil }
                item.parameters.append((name, value))
            }
            return item
        }

        mutating func token() -> String? {
            let token = rest.prefix(while: Self.isTokenByte)
            guard !token.isEmpty else { return nil }
            rest = rest[token.endIndex...]
            return String(Substring(token)).lowercased()
        }

        /// A quoted string, which must hold a token all the same (RFC 6455, section 9.1).
        mutating func quotedToken() -> String? {
            guard take("\"") else { return nil }
            var bytes: [UInt8] = []
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""):
                    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self).lowercased()
                case UInt8(ascii: "\\"):
                    guard let escaped = rest.popFirst(), Self.isTokenByte(escaped) else { return nil }
                    bytes.append(escaped)
                default:
                    guard Self.isTokenByte(byte) else { return nil }
                    bytes.append(byte)
                }
            }
            return nil
        }

        static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default:
                "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
    }
}
