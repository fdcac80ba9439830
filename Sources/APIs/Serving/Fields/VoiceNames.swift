public import Settings
public import Speech

/// Finds voices by the names that clients use, in the same way for every API.
public struct VoiceNames: Sendable {
    /// OpenAI's own voices. None of them is here, so each stands for the default voice.
    public static let openAI: Set<String> = [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ]

    /// The voices there are.
    private let registry: VoiceRegistry
    /// The names in `speech.voice_map`, in lower case.
    private let map: [String: String]
    /// The voice in `speech.voice`.
    private let standard: String?

    /// The names that `settings` and `registry` know.
    public init(_ registry: VoiceRegistry, settings: Settings) {
        self.registry = registry
        map = Dictionary(settings.speech.voiceMap.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
        standard = settings.speech.voice
    }

    /// The voice called `name`: first by the map of the settings, then by its own name, also as that of a file, then as
    /// `default` or one of OpenAI's. nil stands for the usual voice, which is the engines' default unless the settings name
    /// one. Throws `SpeechError.unknownVoice` for any other name, and where the map names a voice that is not there.
    public func voice(named name: String?) throws(SpeechError) -> Voice? {
        guard let name, !meansUsual(name) else { return standard.flatMap { try? find($0) } }
        return try find(name)
    }

    /// Whether `name` means a certain voice, in whose place no other is to speak.
    public func isNamed(_ name: String?) -> Bool {
        name.map { !meansUsual($0) } ?? false
    }

    /// Whether `name` stands for the usual voice: `default`, unless the map has it, and OpenAI's names, unless the map or a
    /// voice here has them.
    public func meansUsual(_ name: String) -> Bool {
        let plain = name.lowercased()
        guard map[plain] == nil else { return false }
        return plain == "default" || Self.openAI.contains(plain) && (try? registry.voice(named: name)) == nil
    }

    /// The voice called `name` by the map or by its own name, also if that looks like a file's.
    public func find(_ name: String) throws(SpeechError) -> Voice {
        do throws(SpeechError) {
            return try registry.voice(named: map[name.lowercased()] ?? name)
        } catch {
            guard [".wav", ".mp3"].contains(name.suffix(4).lowercased()) else { throw error }
            let stem = String(name.dropLast(4))
            guard let voice = try? registry.voice(named: map[stem.lowercased()] ?? stem) else { throw error }
            return voice
        }
    }
}
