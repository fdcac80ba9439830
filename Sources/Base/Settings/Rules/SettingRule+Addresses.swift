extension SettingRule where Value == AddressRange {
    /// An IP address or a range of them.
    static var addressRange: Self {
        let expected = "an IP address or a range such as `10.0.0.0/8`"
        return SettingRule(
            type: "IP range",
            range: "an IP address, or a range such as `10.0.0.0/8` or `fd00::/8`",
            schema: ["type": "string", "minLength": 2, "maxLength": 49],
            read: { input throws(SettingMistake) in
                guard let range = AddressRange(try input.text(expected: expected)) else {
                    throw SettingMistake(expected: expected, found: input)
                }
                return range
            },
            write: { .string($0.description) }
        )
    }
}
