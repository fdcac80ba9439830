/// A setting: its name, what it may be, what it is when nobody says otherwise, and what it means.
///
/// Everything that is known about a setting is here; parsing, validation, the schema and the documentation are made of it.
public struct SettingKey<Value: Sendable>: Sendable {
    /// The dotted path, such as `http.max_headers`.
    public let path: String
    /// The value when no source has one.
    public let defaultValue: Value
    /// How a change takes effect.
    public let effect: SettingEffect
    /// What it means, in a sentence or two.
    public let summary: String
    let rule: SettingRule<Value>

    init(
        _ path: String,
        _ rule: SettingRule<Value>,
        default defaultValue: Value,
        _ effect: SettingEffect,
        _ summary: String
    ) {
        self.path = path
        self.rule = rule
        self.defaultValue = defaultValue
        self.effect = effect
        self.summary = summary
    }
}

extension SettingKey: AnySettingKey {
    /// The type, such as `duration`.
    public var type: String { rule.type }
    /// What is allowed.
    public var range: String { rule.range }
    /// Whether the value must never be shown.
    public var isSecret: Bool { Value.self == Secret.self || Value.self == Secret?.self }
    /// The value when no source has one, as it is written.
    public var defaultSettingValue: SettingValue { rule.write(defaultValue) }
}
