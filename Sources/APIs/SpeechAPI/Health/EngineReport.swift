import Speech

/// What the engines in use say about themselves at one moment.
struct EngineReport: Sendable {
    /// All engines, in use or not.
    let known: [EngineDescription]
    /// The recognisers in use, in order of preference.
    let recognizers: [EngineDescription]
    /// The synthesisers in use, in order of preference.
    let synthesizers: [EngineDescription]

    /// Asks `engines`. Takes a moment: model files are read, and a busy engine lets callers wait.
    init(_ engines: SpeechEngines) async {
        self.init(
            await engines.describe(),
            recognizers: engines.recognizer.name,
            synthesizers: engines.synthesizer.name
        )
    }

    /// A report of the `known` engines; those in use are named in order, with commas between.
    init(_ known: [EngineDescription], recognizers: String, synthesizers: String) {
        func inUse(_ role: EngineDescription.Role, _ names: String) -> [EngineDescription] {
            names.split(separator: ",").compactMap { name in
                known.first { $0.role == role && $0.name == name }
            }
        }
        self.known = known
        self.recognizers = inUse(.recognizer, recognizers)
        self.synthesizers = inUse(.synthesizer, synthesizers)
    }

    /// The recogniser that is asked first.
    var recognizer: EngineDescription? { recognizers.first { $0.availability == .available } }
    /// The synthesiser that is asked first.
    var synthesizer: EngineDescription? { synthesizers.first { $0.availability == .available } }

    /// Whether speech can be both recognised and made.
    var isComplete: Bool { recognizer != nil && synthesizer != nil }
}
