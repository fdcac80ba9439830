import Serving
import Settings
import Speech

/// Finds voices by the names that OpenAI's clients use.
struct VoiceNames: Sendable {
    /// OpenAI's own voices. None of them is here, so each stands for the default voice.
    static let openAI: Set<String> = [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ]

    /// The voices there are.
    let registry: VoiceRegistry
    /// The names in `speech.voice_map`, in lower case.
    let map: [String: String]
    /// The voice in `speech.voice`.
    let standard: String?

    /// The names that `settings` and `registry` know.
    init(_ registry: VoiceRegistry, settings: Settings) {
        self.registry = registry
        map = Dictionary(settings.speech.voiceMap.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
        standard = settings.speech.voice
    }

    /// The voice called `name`: first by the map of the settings, then by its own name, then as one of OpenAI's. nil
    /// stands for the engines' default. Throws `APIFailure` (400) for any other name, and where the map names a voice that
    /// is not there.
    func voice(named name: String?) throws(APIFailure) -> Voice? {
        guard let name else { return defaultVoice }
        let mapped = map[name.lowercased()]
        do throws(SpeechError) {
            return try registry.voice(named: mapped ?? name)
        } catch {
            if mapped == nil, Self.openAI.contains(name.lowercased()) { return defaultVoice }
            throw .badField("voice", error.description)
        }
    }

    /// Whether `name` means a certain voice, in whose place no other is to speak. One of OpenAI's names does so only if
    /// the map, or a voice here, has it.
    func isNamed(_ name: String?) -> Bool {
        guard let name else { return false }
        return map[name.lowercased()] != nil || (try? registry.voice(named: name)) != nil
    }

    private var defaultVoice: Voice? {
        standard.flatMap { try? registry.voice(named: $0) }
    }
}
