/// An old name of a setting.
struct SettingAlias: Sendable {
    enum Meaning: Sendable {
        /// The key at `path`, with the value made into one of ours.
        case key(_ path: String, convert: @Sendable (SettingInput) throws(SettingMistake) -> SettingInput)
        /// The port of the listener that serves the API.
        case port(APIName)
    }

    /// The dotted path in the old file.
    var oldName: String
    var meaning: Meaning

    /// The variable of the environment.
    var environmentName: String {
        LegacyConfiguration.environmentPrefix + oldName.uppercased().replacing(".", with: "_")
    }

    /// What to write instead.
    var newName: String {
        switch meaning {
        case .key(let path, _): path
        case .port: "listeners"
        }
    }

    /// Another name for the key at `path`; the values are the same.
    static func renamed(_ oldName: String, to path: String) -> SettingAlias {
        SettingAlias(oldName: oldName, meaning: .key(path) { input throws(SettingMistake) in input })
    }

    /// Another name for the key at `path`, whose words are exchanged by `words`; their case does not matter.
    static func renamed(
        _ oldName: String,
        to path: String,
        words: [String: String],
        otherwise: String? = nil
    ) -> SettingAlias {
        SettingAlias(
            oldName: oldName,
            meaning: .key(path) { input throws(SettingMistake) in
                guard case .scalar(let text) = input.content,
                    let word = words[text.lowercased()] ?? otherwise
                else {
                    throw SettingMistake(
                        expected: "one of " + words.keys.sorted().joined(separator: ", "),
                        found: input
                    )
                }
                return SettingInput(content: .scalar(word), origin: input.origin)
            }
        )
    }

    /// Another name for the key at `path`, whose number had the unit `unit`.
    static func renamed(_ oldName: String, to path: String, unit: String) -> SettingAlias {
        SettingAlias(
            oldName: oldName,
            meaning: .key(path) { input throws(SettingMistake) in
                let text = try input.text(expected: "a number")
                return SettingInput(content: .scalar(text + unit), origin: input.origin)
            }
        )
    }

    static let byOldName = Dictionary(uniqueKeysWithValues: all.map { ($0.oldName, $0) })
    static let byEnvironmentName = Dictionary(uniqueKeysWithValues: all.map { ($0.environmentName, $0) })
}
