/// What the server is told: a value for every key.
///
/// The keys are properties: `settings.bind`, `settings.http.maxHeaders`, `settings.speech.openai.url`.
@dynamicMemberLookup
public struct Settings: Sendable {
    /// What was set, by path.
    private(set) var values: [String: StoredSetting] = [:]

    /// The defaults.
    public init() {}

    /// The value of `key`.
    public subscript<Value>(key: SettingKey<Value>) -> Value {
        values[key.path]?.value as? Value ?? key.defaultValue
    }

    /// The value of the key at `path`.
    public subscript<Value>(dynamicMember path: KeyPath<SettingKeys, SettingKey<Value>>) -> Value {
        self[SettingKeys.table[keyPath: path]]
    }

    /// The section at `path`.
    public subscript<Group: SettingGroup>(dynamicMember path: KeyPath<SettingKeys, Group>) -> SettingsSection<Group> {
        SettingsSection(settings: self, group: SettingKeys.table[keyPath: path])
    }

    /// The value of `key` as it is written; `***` for a secret and for the query of an address.
    public func shown(_ key: any AnySettingKey) -> SettingValue {
        let value = written(key)
        if key.type == SettingRule<String>.addressType { return value.withoutQuery }
        return key.isSecret && value != .null ? "***" : value
    }

    /// The value of `key` as it is written, secrets too.
    func written(_ key: any AnySettingKey) -> SettingValue {
        values[key.path]?.written ?? key.defaultSettingValue
    }

    mutating func set(_ path: String, to value: StoredSetting) {
        values[path] = value
    }

    mutating func take(_ path: String, from other: Settings) {
        values[path] = other.values[path]
    }
}

extension Settings: Equatable {
    /// Whether both have the same value for every key.
    public static func == (left: Settings, right: Settings) -> Bool {
        SettingKeys.all.allSatisfy { left.written($0) == right.written($0) }
    }
}

extension Settings: CustomStringConvertible, CustomReflectable {
    /// All settings as JSON, secrets as `***`.
    public var description: String { redacted.json() }
    /// Shows nothing but the description; there may be secrets inside.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
