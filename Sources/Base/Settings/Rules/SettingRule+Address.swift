extension SettingRule where Value == String {
    /// The type of addresses, for the documentation.
    static var addressType: String { "address" }

    /// The http or https address of a server, without user and password, which would be seen wherever addresses are.
    /// Mistakes do not show what was found: it may hold some all the same.
    static var address: Self {
        let expected =
            "an http or https address without user, password and fragment, such as `http://127.0.0.1:8000/v1`"
        return SettingRule(
            type: addressType,
            range: "http or https, 1 to 2048 characters",
            schema: ["type": "string", "minLength": 1, "maxLength": 2048],
            read: { input throws(SettingMistake) in
                guard case .scalar(let text) = input.content, text.utf8.count <= 2048, isAddress(text) else {
                    throw SettingMistake("expected \(expected)", at: input.origin)
                }
                return text
            },
            write: { .string($0) }
        )
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("#")
        else { return false }
        let server = parts[1].prefix { $0 != "/" && $0 != "?" }
        guard !server.isEmpty, !server.hasPrefix(":"), !server.contains("@") else { return false }
        let port = server.hasPrefix("[") ? server.drop { $0 != "]" }.dropFirst() : server.drop { $0 != ":" }
        guard !port.isEmpty else { return !server.hasPrefix("[") || server.hasSuffix("]") }
        let digits = port.dropFirst()
        return port.first == ":" && digits.allSatisfy { $0.isASCII && $0.isNumber }
            && UInt16(digits).map { $0 > 0 } == true
    }
}

extension SettingValue {
    /// An address without its query, in which some servers expect a key.
    var withoutQuery: SettingValue {
        guard case .string(let text) = self, let query = text.firstIndex(of: "?") else { return self }
        return .string(text[..<query] + "?***")
    }
}
