/// The configuration of STTS servers, which is accepted as it is.
enum LegacyConfiguration {
    static let environmentPrefix = "STTS_"

    /// Sections by which such a file is recognised: no file of ours has them.
    private static let sections: Set = [
        "server", "tts_engine", "stt_engine", "generation_defaults", "gen", "audio_output", "audio_processing",
        "ui_state", "ui", "middleware", "routers", "features", "paths", "analytics", "monitoring", "debug",
    ]
    /// Sections that both have.
    private static let common: Set = ["model", "audio", "logging"]

    /// What such a server runs for each request, under `middleware`.
    private static let middleware: Set = ["timing", "logging", "analytics"]

    /// Whether such a server knows this name, at the top of the file or under `middleware`.
    static func knows(_ path: String) -> Bool {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1:
            return sections.contains(path) || common.contains(path)
                || SettingAlias.all.contains { $0.oldName == path || $0.oldName.hasPrefix(path + ".") }
        case 2 where parts[0] == "middleware": return middleware.contains(parts[1])
        default: return true
        }
    }

    /// Whether these are the sections of such a file. A file that also has sections of ours is one of ours.
    static func isOne(_ members: [SettingInput.Member]) -> Bool {
        members.contains { sections.contains($0.name) }
            && !members.contains { member in
                let isOurs = SettingKeys.sections.contains(member.name) || SettingKeys.byPath[member.name] != nil
                return isOurs && !common.contains(member.name)
            }
    }

    /// A list for a message, within reason.
    static func list(_ names: [String]) -> String {
        names.prefix(40).map(SettingInput.shown).joined(separator: ", ")
            + (names.count > 40 ? " and \(names.count - 40) more" : "")
    }
}

extension SettingsLoader {
    /// The sections of an old file. What has no counterpart is named in one warning.
    mutating func load(legacy members: [SettingInput.Member]) {
        var ignored: [String] = []
        var done: [String: String] = [:]
        for member in members {
            load(legacy: member, at: member.name, ignored: &ignored, done: &done)
        }
        guard !ignored.isEmpty, let place = members.first?.origin else { return }
        let file = if case .file(let path, _, _) = place { path } else { place.description }
        warn("\(file): these old settings have no counterpart and no effect: " + LegacyConfiguration.list(ignored))
    }

    private mutating func load(
        legacy member: SettingInput.Member,
        at path: String,
        ignored: inout [String],
        done: inout [String: String]
    ) {
        guard LegacyConfiguration.knows(path) else { return addUnknown(path, at: member.origin) }
        if let alias = SettingAlias.byOldName[path] {
            if case .null = member.value.content { return }
            if let other = done.updateValue(path, forKey: alias.newName) {
                done[alias.newName] = other
                warn("\(member.origin): `\(path)` has no effect beside `\(other)`; both are `\(alias.newName)` now")
            } else {
                set(alias, to: member.value, at: member.origin)
            }
        } else if case .map(let members) = member.value.content,
            path == "middleware" || SettingAlias.all.contains(where: { $0.oldName.hasPrefix(path + ".") })
        {
            for member in members {
                load(legacy: member, at: path + "." + member.name, ignored: &ignored, done: &done)
            }
        } else {
            ignored.append(path)
        }
    }

    /// Whether the variable is an old name of a setting.
    mutating func load(legacy variable: Variable) -> Bool {
        guard let alias = SettingAlias.byEnvironmentName[variable.name] else { return false }
        let input = SettingInput(content: .scalar(variable.value), origin: variable.origin)
        set(alias, to: input, at: variable.origin, name: variable.name)
        return true
    }

    private mutating func set(
        _ alias: SettingAlias,
        to input: SettingInput,
        at place: SettingOrigin,
        name: String? = nil
    ) {
        let replacement: String
        switch alias.meaning {
        case .port(let api):
            replacement = "the port of the API `\(api.rawValue)` in `listeners`"
            move(api, to: input)
        case .key(let path, let convert):
            replacement = name == nil ? "`\(path)`" : "`\(SettingKeys.byPath[path]?.environmentName ?? path)`"
            do throws(SettingMistake) {
                guard let key = SettingKeys.byPath[path] else { return }
                set(key, to: try convert(input))
            } catch {
                add(error, for: path, at: input.origin)
            }
        }
        // A few have kept their names.
        guard replacement != "`\(name ?? alias.oldName)`" else { return }
        warn("\(place): `\(name ?? alias.oldName)` is the old name of \(replacement)")
    }
}
