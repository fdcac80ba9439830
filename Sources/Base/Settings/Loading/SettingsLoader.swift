/// Lays sources over each other and collects what is wrong with them.
struct SettingsLoader {
    /// A variable of the environment or of an `.env` file.
    struct Variable {
        var name: String
        var value: String
        var origin: SettingOrigin
    }

    /// Variables that say where settings are and are not settings themselves.
    static let reserved: Set = ["ANTIPHON_CONFIG", "ANTIPHON_PROFILE"]

    private(set) var loaded = LoadedSettings()
    var error = SettingsError()

    init(over loaded: LoadedSettings = LoadedSettings()) {
        self.loaded = loaded
    }

    /// What was loaded. Throws when anything was wrong.
    func finish() throws(SettingsError) -> LoadedSettings {
        guard error.problems.isEmpty else { throw error }
        return loaded
    }

    mutating func warn(_ warning: String) {
        if loaded.warnings.count < SettingsError.limit { loaded.warnings.append(warning) }
    }

    mutating func add(_ mistake: SettingMistake, for path: String?, at origin: SettingOrigin?) {
        error.add(
            SettingsProblem(
                origin: mistake.origin ?? origin,
                key: path,
                message: mistake.message,
                suggestion: mistake.suggestion
            )
        )
    }

    mutating func addUnknown(_ path: String, at origin: SettingOrigin) {
        let name = String(SettingInput.shown(path).dropFirst().dropLast())
        if let alias = SettingAlias.byOldName[path] {
            error.add(
                SettingsProblem(origin: origin, key: name, message: "unknown key; it is called `\(alias.newName)` here")
            )
        } else {
            error.add(
                SettingsProblem(
                    origin: origin,
                    key: name,
                    message: "unknown key",
                    suggestion: Suggestion.key(near: path, among: SettingKeys.paths + SettingKeys.sections.sorted())
                )
            )
        }
    }

    mutating func set(_ key: any StorableKey, to input: SettingInput) {
        do throws(SettingMistake) {
            loaded.settings.set(key.path, to: try key.read(input))
            loaded.origins[key.path] = input.origin
        } catch {
            add(error, for: key.path, at: input.origin)
        }
    }

    /// Moves the listener of `api` to the port that `input` names.
    mutating func move(_ api: APIName, to input: SettingInput) {
        let key = SettingKeys.table.listeners
        do throws(SettingMistake) {
            let port = try SettingRule<Int>.int(0...65535).read(input)
            let listeners = loaded.settings[key].serving(api, on: port)
            set(key, to: SettingInput(key.rule.write(listeners), origin: input.origin))
        } catch {
            add(error, for: key.path, at: input.origin)
        }
    }

    /// A settings file.
    mutating func load(_ root: SettingInput) {
        switch root.content {
        case .null: break
        case .map(let members):
            if LegacyConfiguration.isOne(members) {
                load(legacy: members)
            } else {
                load(members, below: nil)
            }
        case .scalar, .list:
            // The file may be another one than was meant: of that nothing is shown.
            let found = if case .list = root.content { "a list" } else { "text" }
            add(SettingMistake("expected sections such as `http:`, found \(found)"), for: nil, at: root.origin)
        }
    }

    /// The members of the section at `parent`.
    mutating func load(_ members: [SettingInput.Member], below parent: String?) {
        for member in members {
            let path = (parent.map { $0 + "." } ?? "") + member.name
            if member.name.contains(".") {
                let hint = "keys are nested: write the part behind the `.` into a section of its own"
                add(SettingMistake(hint), for: String(path.prefix(80)), at: member.origin)
            } else {
                load(member.value, at: path, nameOrigin: member.origin)
            }
        }
    }

    /// What a source says about the key or section at `path`.
    mutating func load(_ input: SettingInput, at path: String, nameOrigin: SettingOrigin) {
        if let key = SettingKeys.byPath[path] {
            set(key, to: input)
        } else if SettingKeys.sections.contains(path) {
            switch input.content {
            case .null: break
            case .map(let members): load(members, below: path)
            case .scalar, .list:
                add(
                    SettingMistake(expected: "a section with keys of its own", found: input),
                    for: path,
                    at: input.origin
                )
            }
        } else {
            addUnknown(path, at: nameOrigin)
        }
    }

    /// Variables; those with other prefixes are none of ours.
    mutating func load(variables: [Variable], unknownIsMistake: Bool) {
        var seen: [String: SettingOrigin] = [:]
        var strangers: [String] = []
        // Old names come first, so that new ones win over them.
        let isOld = { (variable: Variable) in variable.name.hasPrefix(LegacyConfiguration.environmentPrefix) }
        for variable in variables.filter(isOld) + variables.filter({ !isOld($0) }) {
            let isOurs = variable.name.hasPrefix("ANTIPHON_") && !Self.reserved.contains(variable.name)
            guard isOurs || isOld(variable) else { continue }
            if let first = seen.updateValue(variable.origin, forKey: variable.name) {
                add(SettingMistake("\(variable.name) is already set at \(first)"), for: nil, at: variable.origin)
            } else if variable.value.isEmpty {
                continue
            } else if let key = Self.keysByVariable[variable.name] {
                do throws(SettingMistake) {
                    set(key, to: try key.input(of: variable.value, origin: variable.origin))
                } catch {
                    add(error, for: key.path, at: variable.origin)
                }
            } else if !isOurs {
                if !load(legacy: variable) { strangers.append(variable.name) }
            } else {
                // What all names have in common says nothing of how close they are.
                let prefix = "ANTIPHON_"
                let endings = Self.keysByVariable.keys.sorted().map { String($0.dropFirst(prefix.count)) }
                let ending = Suggestion.nearest(to: String(variable.name.dropFirst(prefix.count)), among: endings)
                let suggestion = ending.map { prefix + $0 }
                if unknownIsMistake {
                    error.add(
                        SettingsProblem(
                            origin: variable.origin,
                            message: "unknown variable \(variable.name)",
                            suggestion: suggestion
                        )
                    )
                } else {
                    warn(
                        "\(variable.name) in the environment is no setting and has no effect"
                            + (suggestion.map { "; did you mean `\($0)`?" } ?? "")
                    )
                }
            }
        }
        if !strangers.isEmpty {
            warn("these old variables have no counterpart and no effect: " + LegacyConfiguration.list(strangers))
        }
    }

    private static let keysByVariable = Dictionary(
        uniqueKeysWithValues: SettingKeys.storable.map { ($0.environmentName, $0) }
    )
}
