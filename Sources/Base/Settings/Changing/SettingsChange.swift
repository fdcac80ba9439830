/// What a change of the settings did.
public struct SettingsChange: Sendable, Hashable {
    /// What is different now.
    public let applied: [SettingsDifference]
    /// What will be different after a restart.
    public let waiting: [SettingsDifference]
    /// What works but should be changed.
    public let warnings: [String]
}
