internal import Foundation

extension Settings {
    /// Reads all `sources`. Throws everything that is wrong with them together.
    public static func load(from sources: SettingsSources) throws(SettingsError) -> LoadedSettings {
        var loader = SettingsLoader()
        loader.loadFallbacks(of: sources)
        loader.loadFiles(of: sources)
        loader.loadDotEnv(sources.dotEnv)
        loader.load(environment: sources.environment)
        loader.loadCommandLine(of: sources)
        return try loader.finish()
    }
}

extension SettingsLoader {
    fileprivate mutating func loadFallbacks(of sources: SettingsSources) {
        for fallback in sources.fallbacks {
            load(text: fallback.value, path: fallback.key, origin: .fallback(reason: fallback.name))
        }
    }

    fileprivate mutating func loadFiles(of sources: SettingsSources) {
        guard let file = sources.file else { return }
        let isThere = load(file: file)
        if !isThere, sources.fileIsRequired {
            error.add(SettingsProblem(message: "there is no settings file \(file)"))
        }
        guard let profile = sources.profile else { return }
        guard (1...64).contains(profile.utf8.count),
            profile.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "-") })
        else {
            error.add(
                SettingsProblem(
                    message: "expected a profile of 1 to 64 letters, digits, `-` and `_`, found "
                        + SettingInput.shown(profile)
                )
            )
            return
        }
        let url = URL(filePath: file)
        let path = (file as NSString).deletingPathExtension + "-\(profile).\(url.pathExtension)"
        if !load(file: path) {
            error.add(SettingsProblem(message: "the profile \(profile) has no file \(path)"))
        }
    }

    /// Whether there is such a file.
    private mutating func load(file path: String) -> Bool {
        do throws(SettingMistake) {
            guard let text = try TextFile.read(path) else { return false }
            load(try YAMLDocument(text, named: path).root)
        } catch {
            add(error, for: nil, at: nil)
        }
        return true
    }

    fileprivate mutating func loadDotEnv(_ path: String?) {
        guard let path else { return }
        do throws(SettingMistake) {
            guard let text = try TextFile.read(path) else { return }
            let file = DotEnv(text)
            for mistake in file.mistakes {
                add(SettingMistake(mistake.message), for: nil, at: .dotEnv(path: path, line: mistake.line))
            }
            load(
                variables: file.variables.map { variable in
                    Variable(
                        name: variable.name,
                        value: variable.value,
                        origin: .dotEnv(path: path, line: variable.line)
                    )
                },
                unknownIsMistake: true
            )
        } catch {
            add(error, for: nil, at: nil)
        }
    }

    fileprivate mutating func load(environment: [String: String]) {
        let variables = environment.sorted { $0.key < $1.key }.map { name, value in
            Variable(name: name, value: value, origin: .environment(name: name))
        }
        // A mistake would stop the server wherever its name is that of a service: clusters then invent variables.
        load(variables: variables, unknownIsMistake: false)
    }

    fileprivate mutating func loadCommandLine(of sources: SettingsSources) {
        for assignment in sources.assignments {
            guard let equals = assignment.firstIndex(of: "=") else {
                add(
                    SettingMistake("expected `key=value`, found \(SettingInput.shown(assignment))"),
                    for: nil,
                    at: .commandLine(option: "--set")
                )
                continue
            }
            let path = String(assignment[..<equals])
            load(
                text: String(assignment[assignment.index(after: equals)...]),
                path: path,
                origin: .commandLine(option: "--set")
            )
        }
        for option in sources.options {
            load(text: option.value, path: option.key, origin: .commandLine(option: option.name))
        }
        for (api, port) in sources.ports {
            let origin = SettingOrigin.commandLine(option: "--port")
            move(api, to: SettingInput(content: .scalar(String(port)), origin: origin))
        }
    }

    /// The value `text` for the key at `path`.
    private mutating func load(text: String, path: String, origin: SettingOrigin) {
        guard let key = SettingKeys.byPath[path] else {
            guard SettingKeys.sections.contains(path) else { return addUnknown(path, at: origin) }
            let keys = SettingKeys.paths.filter { $0.hasPrefix(path + ".") }
            let names = keys.prefix(4).map { "`\($0)`" }.joined(separator: ", ") + (keys.count > 4 ? ", …" : "")
            return add(SettingMistake("this is a section; name a key of it: \(names)"), for: path, at: origin)
        }
        do throws(SettingMistake) {
            set(key, to: try key.input(of: text, origin: origin))
        } catch {
            add(error, for: path, at: origin)
        }
    }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: false
    }
}
