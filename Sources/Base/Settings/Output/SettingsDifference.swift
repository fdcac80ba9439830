/// A key with different values in two settings.
public struct SettingsDifference: Sendable, Hashable {
    /// The path of the key.
    public let path: String
    /// The value before; `***` for a secret.
    public let before: SettingValue
    /// The value after; `***` for a secret.
    public let after: SettingValue
    /// How the change takes effect.
    public let effect: SettingEffect
}

extension Settings {
    /// What is different in `other`, in the order of the documentation.
    public func differences(to other: Settings) -> [SettingsDifference] {
        SettingKeys.all.filter { written($0) != other.written($0) }.map { key in
            SettingsDifference(
                path: key.path,
                before: shown(key),
                after: other.shown(key),
                effect: key.effect
            )
        }
    }
}
