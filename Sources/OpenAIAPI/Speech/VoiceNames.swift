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
    /// stands for the engines' default. Throws `APIFailure` (400) for any other name.
    func voice(named name: String?) throws(APIFailure) -> Voice? {
        guard let name else { return defaultVoice }
        do throws(SpeechError) {
            return try registry.voice(named: map[name.lowercased()] ?? name)
        } catch {
            if Self.openAI.contains(name.lowercased()) { return defaultVoice }
            throw .badField("voice", error.description)
        }
    }

    private var defaultVoice: Voice? {
        standard.flatMap { try? registry.voice(named: $0) }
    }
}
