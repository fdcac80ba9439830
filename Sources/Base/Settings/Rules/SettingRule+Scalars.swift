extension SettingRule where Value == Bool {
    /// True or false.
    static var bool: Self {
        SettingRule(
            type: "boolean",
            range: "",
            schema: ["type": "boolean"],
            read: { input throws(SettingMistake) in
                guard let value = Bool(word: try input.text(expected: "`true` or `false`")) else {
                    throw SettingMistake(expected: "`true` or `false`", found: input)
                }
                return value
            },
            write: { .bool($0) }
        )
    }
}

extension SettingRule where Value == Int {
    /// A whole number in `range`.
    static func int(_ range: ClosedRange<Int>) -> Self {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return SettingRule(
            type: "integer",
            range: "\(range.lowerBound) to \(range.upperBound)",
            schema: ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)],
            read: { input throws(SettingMistake) in
                guard let number = Int(try input.text(expected: expected)), range.contains(number) else {
                    throw SettingMistake(expected: expected, found: input)
                }
                return number
            },
            write: { .int($0) }
        )
    }
}

extension SettingRule where Value == Double {
    /// A number in `range`.
    static func double(_ range: ClosedRange<Double>) -> Self {
        let lower = SettingValue.text(of: range.lowerBound)
        let upper = SettingValue.text(of: range.upperBound)
        let expected = "a number from \(lower) to \(upper)"
        return SettingRule(
            type: "number",
            range: "\(lower) to \(upper)",
            schema: ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)],
            read: { input throws(SettingMistake) in
                let text = try input.text(expected: expected)
                guard text.utf8.allSatisfy({ (0x2B...0x39).contains($0) || $0 == 0x65 || $0 == 0x45 }),
                    let number = Double(text), range.contains(number)
                else { throw SettingMistake(expected: expected, found: input) }
                return number
            },
            write: { double in Int(exactly: double).map { .int($0) } ?? .double(double) }
        )
    }
}

extension SettingRule where Value == String {
    /// Text of 1 to `longest` characters without control characters; with `lines`, line breaks and tabs may be in it
    /// and it may be empty.
    static func string(longest: Int, lines: Bool = false) -> Self {
        let shortest = lines ? 0 : 1
        let expected =
            lines ? "text of at most \(longest) characters" : "text of 1 to \(longest) characters on one line"
        return SettingRule(
            type: "string",
            range: lines ? "at most \(longest) characters" : "1 to \(longest) characters",
            schema: ["type": "string", "minLength": .int(shortest), "maxLength": .int(longest)],
            read: { input throws(SettingMistake) in
                let text = try input.text(expected: expected)
                let count = text.unicodeScalars.count
                guard (shortest...longest).contains(count) else {
                    throw SettingMistake("expected \(expected), found \(count)", at: input.origin)
                }
                guard
                    text.unicodeScalars.allSatisfy({
                        $0.properties.generalCategory != .control || lines && ["\n", "\t"].contains($0)
                    })
                else { throw SettingMistake("expected \(expected), found a control character", at: input.origin) }
                return text
            },
            write: { .string($0) }
        )
    }

    /// The origin of web pages, as browsers write it: scheme, host and perhaps a port, in lower case. Or `*`.
    static var origin: Self {
        let expected = "an origin such as `https://example.org`, or `*`"
        return SettingRule(
            type: "origin",
            range: "scheme, host and port, or `*`",
            schema: ["type": "string", "minLength": 1, "maxLength": 255],
            read: { input throws(SettingMistake) in
                let text = try input.text(expected: expected).lowercased()
                if text == "*" { return text }
                let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
                let parts = origin.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
                guard (1...255).contains(origin.utf8.count), parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
                    origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
                    !parts[1].contains(where: { "/?#@".contains($0) })
                else { throw SettingMistake(expected: expected, found: input) }
                return origin
            },
            write: { .string($0) }
        )
    }

    /// One of `names`.
    static func choice(_ names: [String]) -> Self {
        let expected = names.map { "`\($0)`" }.joined(separator: ", ")
        // Readers of YAML make these names into something other than text.
        let words = names.compactMap { SettingValue(word: $0) }
        return SettingRule(
            type: "string",
            range: expected,
            schema: ["enum": .array(names.map { .string($0) } + words)],
            read: { input throws(SettingMistake) in
                let expected = "one of " + expected
                let text = try input.text(expected: expected)
                guard names.contains(text) else {
                    let suggestion = Suggestion.nearest(to: text, among: names)
                    throw SettingMistake(expected: expected, found: input, suggestion: suggestion)
                }
                return text
            },
            write: { .string($0) }
        )
    }
}

extension SettingRule where Value: RawRepresentable<String> & CaseIterable {
    /// One of the names of the cases.
    static var choice: Self {
        let names = SettingRule<String>.choice(Value.allCases.map(\.rawValue))
        return SettingRule(
            type: names.type,
            range: names.range,
            schema: names.schema,
            read: { input throws(SettingMistake) in
                guard let value = Value(rawValue: try names.read(input)) else {
                    throw SettingMistake(expected: "one of " + names.range, found: input)
                }
                return value
            },
            write: { .string($0.rawValue) }
        )
    }
}

extension SettingRule where Value == Secret {
    /// Text that is never shown: 1 to 4096 printable ASCII characters without white space, as it travels in a header.
    static var secret: Self {
        let expected = "1 to 4096 printable ASCII characters without white space"
        return SettingRule(
            type: "secret",
            range: "1 to 4096 characters",
            schema: ["type": "string", "minLength": 1, "maxLength": 4096, "writeOnly": true],
            read: { input throws(SettingMistake) in
                guard case .scalar(let text) = input.content, (1...4096).contains(text.utf8.count),
                    text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
                else { throw SettingMistake("expected \(expected)", at: input.origin) }
                return Secret(text)
            },
            write: { .string($0.exposed) }
        )
    }
}

extension SettingValue {
    /// What `true` and `false` are without quotes; nil for all other words.
    fileprivate init?(word: String) {
        guard let bool = Bool(word) else { return nil }
        self = .bool(bool)
    }
}
