extension LoadedSettings {
    /// These settings with `changes` laid over them: values by path, where the value of a section is an object of values.
    /// Throws when a key is unknown or a value not allowed; then nothing is changed.
    public func applying(
        _ changes: [String: SettingValue],
        origin: SettingOrigin = .change
    ) throws(SettingsError) -> LoadedSettings {
        var base = self
        base.warnings = []
        var loader = SettingsLoader(over: base)
        for (path, value) in changes.sorted(by: { $0.key < $1.key }) {
            loader.load(SettingInput(value, origin: origin), at: path, nameOrigin: origin)
        }
        return try loader.finish()
    }
}

extension Settings {
    /// The defaults with `changes`: values by path, where the value of a section is an object of values. Throws when a key is
    /// unknown or a value not allowed.
    public init(_ changes: [String: SettingValue]) throws(SettingsError) {
        self = try LoadedSettings().applying(changes).settings
    }

    /// The paths of the keys that `changes` names, with their values in the form of a settings file.
    static func written(_ changes: [String: SettingValue]) throws(SettingsError) -> [(
        path: String, value: SettingValue
    )] {
        let loaded = try LoadedSettings().applying(changes)
        return SettingKeys.storable.filter { loaded.origins[$0.path] != nil }.map { key in
            (key.path, loaded.settings.written(key))
        }
    }
}
