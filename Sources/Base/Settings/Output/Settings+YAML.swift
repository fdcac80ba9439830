extension Settings {
    /// All settings as nested objects, secrets as `***`; always in the same order.
    public var redacted: SettingValue {
        var value: SettingValue = [:]
        for key in SettingKeys.storable { value.insert(shown(key), at: key.path.split(separator: ".")[...]) }
        return value
    }

    /// A settings file that says nothing but the defaults, each with its meaning.
    public static func defaultFile() -> String {
        "# The settings of Antiphon. All are optional; these are the defaults.\n\n"
            + Settings().yaml(above: { [$0.summary] }, behind: { _ in nil })
    }

    /// The settings as a settings file, secrets as `***`, with comments `above` each key and `behind` its value.
    func yaml(
        above: (any AnySettingKey) -> [String],
        behind: (any AnySettingKey) -> String?
    ) -> String {
        var text = ""
        var open: [Substring] = []
        for key in SettingKeys.storable {
            let path = key.path.split(separator: ".")
            let sections = path.dropLast()
            if sections != open[...] {
                let shared = zip(sections, open).prefix { $0 == $1 }.count
                for (depth, section) in sections.enumerated().dropFirst(shared) {
                    text += Self.indentation(depth) + section + ":\n"
                }
                open = Array(sections)
            }
            let indentation = Self.indentation(sections.count)
            for comment in above(key) { text += indentation + "# " + comment + "\n" }
            text += indentation + path[path.count - 1] + ": " + shown(key).yaml
            text += (behind(key).map { "  # " + $0 } ?? "") + "\n"
        }
        return text
    }

    private static func indentation(_ depth: Int) -> String { String(repeating: "  ", count: depth) }
}

extension LoadedSettings {
    /// The settings as a settings file, secrets as `***`, with the origin behind each value that is no default.
    public func yaml() -> String {
        settings.yaml(above: { _ in [] }, behind: { key in origins[key.path]?.description })
    }
}
