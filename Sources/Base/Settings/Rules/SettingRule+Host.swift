extension SettingRule where Value == String {
    /// An IP address or the name of a host. What looks like an IPv4 address is to be one; whether a name is known shows
    /// when it is looked up.
    static var host: Self {
        let text = SettingRule.string(longest: 255)
        let expected = "an IP address, a host name, or `localhost`"
        return SettingRule(
            type: text.type,
            range: text.range,
            schema: text.schema,
            read: { input throws(SettingMistake) in
                let host = try text.read(input)
                guard isHost(host) else { throw SettingMistake(expected: expected, found: input) }
                return host
            },
            write: { .string($0) }
        )
    }

    private static func isHost(_ text: String) -> Bool {
        if IPAddress(text) != nil { return true }
        if text.contains(":") {
            // An address of this link needs its zone, such as fe80::1%eth0.
            let parts = text.split(separator: "%", maxSplits: 1)
            return parts.count == 2 && IPAddress(parts[0]) != nil
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let areNumbers = labels.last.map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } } ?? true
        return !areNumbers && labels.allSatisfy { !$0.isEmpty }
            && !text.unicodeScalars.contains { $0.properties.isWhitespace || "/[]%,@".unicodeScalars.contains($0) }
    }
}
