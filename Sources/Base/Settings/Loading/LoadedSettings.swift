/// Settings together with where they come from.
public struct LoadedSettings: Sendable {
    /// The settings.
    public internal(set) var settings = Settings()
    /// Where the values come from, by the path of the key; keys that nobody set are missing.
    public internal(set) var origins: [String: SettingOrigin] = [:]
    /// What works but should be changed: one sentence each, such as the use of an old name.
    public internal(set) var warnings: [String] = []

    /// The defaults.
    public init() {}

    /// Where the value of `key` comes from.
    public func origin(of key: any AnySettingKey) -> SettingOrigin {
        origins[key.path] ?? .standard
    }
}
