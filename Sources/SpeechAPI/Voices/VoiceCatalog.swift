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

    /// The voices of `registry`.
    init(_ registry: VoiceRegistry) {
        let named = registry.voices.map { voice in
            (voice: voice, id: Self.id(of: voice, in: registry), name: Self.displayName(voice.name))
        }.sorted { ($0.name.lowercased(), $0.id) < ($1.name.lowercased(), $1.id) }
        var seen: [String: Int] = [:]
        entries = named.map { voice, id, name in
            let count = seen[name, default: 0] + 1
            seen[name] = count
            return Entry(voice: voice, id: id, displayName: count == 1 ? name : "\(name) (\(count))")
        }
    }

    /// The entry of a voice.
    func entry(of voice: Voice) -> Entry? {
        entries.first { $0.voice == voice }
    }

    private static func id(of voice: Voice, in registry: VoiceRegistry) -> String {
        let isUnique = (try? registry.voice(named: voice.name)) == voice
        return isUnique && !voice.name.contains("/") ? voice.name : voice.id
    }

    private static func displayName(_ name: String) -> String {
        name.split { "_- ".contains($0) }
            .map { $0.prefix(1).uppercased() + $0.dropFirst() }
            .joined(separator: " ")
    }
}

extension VoiceCatalog.Entry {
    /// What every list of voices says of it.
    var summary: [String: JSONValue] {
        ["id": .string(id), "name": .string(displayName), "type": "predefined", "path": .string(id)]
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
