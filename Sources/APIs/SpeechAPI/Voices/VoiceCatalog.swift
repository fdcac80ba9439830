import Serving
import Speech

/// The voices as clients see them: under a short identifier that fits into a path, and a name for people.
struct VoiceCatalog: Sendable {
    /// A voice on offer.
    struct Entry: Sendable {
        let voice: Voice
        /// What clients ask for it by: its bare name, or engine and name where the bare name means another voice.
        let id: String
        /// What people read.
        let displayName: String
    }

    /// The voices, sorted by the names that people read.
    let entries: [Entry]
    /// The same in order of preference: those of the engines that sound most natural first.
    let preferred: [Entry]

    /// The voices of `registry`.
    init(_ registry: VoiceRegistry) {
        let named = registry.voices.map { voice in
            (voice: voice, id: Self.id(of: voice, in: registry), name: Self.displayName(voice))
        }.sorted { ($0.name.lowercased(), $0.id) < ($1.name.lowercased(), $1.id) }
        var seen: [String: Int] = [:]
        entries = named.map { voice, id, name in
            let count = seen[name, default: 0] + 1
            seen[name] = count
            return Entry(voice: voice, id: id, displayName: count == 1 ? name : "\(name) (\(count))")
        }
        let byVoice = Dictionary(entries.map { ($0.voice, $0) }) { first, _ in first }
        preferred = registry.voices.compactMap { byVoice[$0] }
    }

    /// The entry of a voice.
    func entry(of voice: Voice) -> Entry? {
        entries.first { $0.voice == voice }
    }

    private static func id(of voice: Voice, in registry: VoiceRegistry) -> String {
        let isUnique = (try? registry.voice(named: voice.name)) == voice
        return isUnique && !voice.name.contains("/") ? voice.name : voice.id
    }

    private static func displayName(_ voice: Voice) -> String {
        // A voice that is called by its language's tag has a name for people in its description.
        guard voice.name != voice.languages.first else { return voice.summary }
        return voice.name.split { "_- ".contains($0) }
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: " ")
    }
}

extension VoiceCatalog.Entry {
    /// What every list of voices says of it.
    var summary: [String: JSONValue] {
        var summary: [String: JSONValue] = [
            "id": .string(id), "name": .string(displayName), "type": "predefined", "path": .string(id),
        ]
        if let language = voice.languages.first { summary["language"] = .string(language) }
        return summary
    }

    /// Everything that is known of it.
    func details(sampleRate: Int?) -> [String: JSONValue] {
        summary.merging(
            [
                "description": .string(voice.summary), "engine": .string(voice.engine),
                "languages": JSONValue(voice.languages), "sample_rate": JSONValue(sampleRate), "duration": .null,
            ]
        ) { known, _ in known }
    }
}
