/// A voice that an engine can speak with.
public struct Voice: Sendable, Hashable, Codable {
    /// The engine it belongs to, such as `piper`.
    public var engine: String
    /// Its name within the engine, such as `joe`.
    public var name: String
    /// The BCP 47 tags of the languages it speaks, best first.
    public var languages: [String]
    /// A line for people.
    public var summary: String

    /// The name by which callers choose it: engine and name with a slash between them.
    public var id: String { "\(engine)/\(name)" }

    /// A voice.
    public init(engine: String, name: String, languages: [String], summary: String) {
        self.engine = engine
        self.name = name
        self.languages = languages
        self.summary = summary
    }
}

/// The voices on offer, looked up by name and never by path.
public struct VoiceRegistry: Sendable {
    /// All voices, in order of preference.
    public let voices: [Voice]

    /// The voices that those who ask for another are told of.
    private let suggested: [Voice]

    /// A registry of `voices`; of two with the same name the earlier is preferred. Those that `engines` say cannot be used
    /// are found, since they may come back, but not suggested.
    public init(_ voices: [Voice], engines: [EngineDescription] = []) {
        self.voices = voices
        suggested = voices.filter(engines.canSpeak)
    }

    /// Finds the voice called `name`: an identifier such as `piper/joe`, or a bare name such as `joe`, in any case.
    ///
    /// Throws `SpeechError.unknownVoice`.
    public func voice(named name: String) throws(SpeechError) -> Voice {
        let wanted = name.lowercased()
        if let voice = voices.first(where: { $0.id.lowercased() == wanted })
            ?? voices.first(where: { $0.name.lowercased() == wanted })
        {
            return voice
        }
        throw .unknownVoice(name, suggestions: suggestions(for: wanted))
    }

    private func suggestions(for wanted: String) -> [String] {
        let short = String(wanted.prefix(64))
        let close = suggested.map { (voice: $0, distance: editDistance(short, $0.name.lowercased())) }
            .filter { $0.distance <= 2 }
            .sorted { $0.distance < $1.distance }
        return (close.isEmpty ? Array(suggested.prefix(3)) : close.prefix(3).map(\.voice)).map(\.id)
    }
}

/// The number of single-character changes that turn `a` into `b` (Levenshtein).
private func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, y) in b.enumerated() {
            (diagonal, row[j + 1]) = (row[j + 1], min(row[j], row[j + 1], diagonal - (x == y ? 1 : 0)) + 1)
        }
    }
    return row[b.count]
}
