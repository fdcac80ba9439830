/// A section of the settings; its keys are properties.
@dynamicMemberLookup
public struct SettingsSection<Group: SettingGroup>: Sendable {
    let settings: Settings
    let group: Group

    /// The value of the key at `path`.
    public subscript<Value>(dynamicMember path: KeyPath<Group, SettingKey<Value>>) -> Value {
        settings[group[keyPath: path]]
    }

    /// The section at `path`.
    public subscript<Inner: SettingGroup>(dynamicMember path: KeyPath<Group, Inner>) -> SettingsSection<Inner> {
        SettingsSection<Inner>(settings: settings, group: group[keyPath: path])
    }
}
