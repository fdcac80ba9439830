/// How a value is written on one line: in the environment and on the command line.
enum SettingForm: Sendable {
    case scalar
    /// `a,b` or YAML's `[a, b]`
    case list
    /// `a=b,c=d` or YAML's `{a: b, c: d}`
    case map
    /// `8004=speech+openai,8083=events` or YAML's `[{port: 8004, apis: [speech]}]`
    case listeners
}

/// How the value of a key is written, which values it may have, and what to say of them.
struct SettingRule<Value: Sendable>: Sendable {
    /// The type, for the documentation.
    var type: String
    /// What is allowed, for the documentation; empty when the type says it all.
    var range: String
    /// The keywords of JSON Schema that describe the values.
    var schema: SettingValue
    var form = SettingForm.scalar
    /// Makes a value of what a source says.
    var read: @Sendable (SettingInput) throws(SettingMistake) -> Value
    /// Writes a value as `read` reads it.
    var write: @Sendable (Value) -> SettingValue
}

extension SettingRule {
    /// Values of `rule`, or none.
    static func optional<Wrapped>(_ rule: SettingRule<Wrapped>) -> Self where Value == Wrapped? {
        SettingRule(
            type: rule.type,
            range: rule.range,
            schema: ["anyOf": [rule.schema, ["type": "null"]]],
            form: rule.form,
            read: { input throws(SettingMistake) in
                if case .null = input.content { return nil }
                return try rule.read(input)
            },
            write: { $0.map(rule.write) ?? .null }
        )
    }
}

extension SettingInput {
    /// The text of a scalar; throws what was `expected` otherwise.
    func text(expected: String) throws(SettingMistake) -> String {
        guard case .scalar(let text) = content else { throw SettingMistake(expected: expected, found: self) }
        return text
    }
}
