import Audio
import Serving
import Settings
import Speech

/// Looks for what is wrong with settings that are well-formed each by itself.
struct SettingsCheck {
    /// What will make requests fail.
    private(set) var errors: [String] = []
    /// What works but is hardly meant so.
    private(set) var warnings: [String]
    private let loaded: LoadedSettings

    /// Checks settings against the voices there are.
    init(_ loaded: LoadedSettings, voices: VoiceRegistry) {
        self.loaded = loaded
        let speech = loaded.settings.speech
        warnings = loaded.warnings
        if let name = speech.voice, (try? voices.voice(named: speech.voiceMap[name] ?? name)) == nil {
            errors.append("speech.voice names “\(name)”, which is no voice on offer; see /tts/voices.")
        }
        for (name, target) in speech.voiceMap.sorted(by: { $0.key < $1.key })
        where (try? voices.voice(named: target)) == nil {
            warnings.append("speech.voice_map leads “\(name)” to “\(target)”, which is no voice on offer.")
        }
        if speech.sampleRate != 0, let format = AudioFormat(name: speech.format),
            !format.supports(sampleRate: speech.sampleRate)
        {
            let rate = format.sampleRate(preferring: speech.sampleRate)
            warnings.append("speech.sample_rate is none that \(format.rawValue) can have; \(rate) Hz is used for it.")
        }
    }

    /// Where the settings come from, and how much was found.
    var info: [String] {
        let files = loaded.sourceFiles
        return [
            files.isEmpty ? "No settings file was read." : "The settings come from \(files.joined(separator: ", ")).",
            "Errors: \(errors.count).", "Warnings: \(warnings.count).",
        ]
    }

    /// Takes in what is found in the files and other sources by now: they may have changed since they were read.
    mutating func compare(with read: Result<LoadedSettings, SettingsError>, voices: VoiceRegistry) {
        switch read {
        case .success(let read):
            let differences = loaded.settings.differences(to: read.settings).map(\.path)
            guard !differences.isEmpty else { return }
            let check = SettingsCheck(read, voices: voices)
            errors += check.errors.filter { !errors.contains($0) }
            warnings += check.warnings.filter { !warnings.contains($0) }
            warnings.append(
                "Not in force before the settings are read again: \(differences.joined(separator: ", "))."
            )
        case .failure(let error):
            errors += error.problems.map(\.withoutFolders)
            if error.omitted > 0 { errors.append("And \(error.omitted) more.") }
        }
    }
}

extension SettingsProblem {
    /// The problem, with its place, line and column, but without the folders of files, which are nobody's business.
    fileprivate var withoutFolders: String {
        var problem = self
        switch origin {
        case .file(let path, let line, let column):
            problem.origin = .file(path: path.lastPathComponent, line: line, column: column)
        case .dotEnv(let path, let line): problem.origin = .dotEnv(path: path.lastPathComponent, line: line)
        case .standard, .fallback, .environment, .commandLine, .change: break
        case nil:
            // What has no place names the file in its message.
            problem.message = message.split(separator: " ").map { String($0).lastPathComponent }.joined(separator: " ")
        }
        return problem.description
    }
}

extension String {
    fileprivate var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }
}

extension LoadedSettings {
    /// The names of the files that values come from, without their folders.
    var sourceFiles: [String] {
        Set(origins.values.compactMap(\.path)).map { $0.lastPathComponent }.sorted()
    }
}

extension SettingOrigin {
    /// The file of a value; nil when it comes from elsewhere.
    var path: String? {
        switch self {
        case .file(let path, _, _), .dotEnv(let path, _): path
        case .standard, .fallback, .environment, .commandLine, .change: nil
        }
    }
}
