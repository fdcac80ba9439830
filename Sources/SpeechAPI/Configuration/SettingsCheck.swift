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
    /// Where the settings come from, and how much was found.
    let info: [String]

    /// Checks settings against the voices there are.
    init(_ loaded: LoadedSettings, voices: VoiceRegistry) {
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
        let files = loaded.sourceFiles
        info = [
            files.isEmpty ? "No settings file was read." : "The settings come from \(files.joined(separator: ", ")).",
            "Errors: \(errors.count).", "Warnings: \(warnings.count).",
        ]
    }
}

extension LoadedSettings {
    /// The names of the files that values come from, without their folders.
    var sourceFiles: [String] {
        Set(origins.values.compactMap(\.path)).map { String($0.split(separator: "/").last ?? "") }.sorted()
    }
}

extension SettingOrigin {
    /// The file of a value; nil when it comes from elsewhere.
    var path: String? {
        switch self {
        case .file(let path, _, _), .dotEnv(let path, _): path
        case .standard, .environment, .commandLine, .change: nil
        }
    }
}
