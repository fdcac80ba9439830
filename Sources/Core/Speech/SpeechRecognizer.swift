public import Audio

/// Turns speech into text.
public protocol SpeechRecognizer: Sendable {
    /// The name by which settings refer to the engine.
    var name: String { get }

    /// How often a growing utterance is worth transcribing again for a partial transcript, or nil when the engine is
    /// too slow or too dear for that.
    var partialInterval: Duration? { get }

    /// The longest sound that one call handles well. Longer sound is cut at silences first.
    var longestUtterance: Duration { get }

    /// What the engine says about itself, including whether it can be used now.
    func describe() async -> EngineDescription

    /// Transcribes the whole of `audio`, of any sample rate. An empty text means that nothing was said.
    ///
    /// Throws `SpeechError`, or `CancellationError` as soon as the task is cancelled.
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript

    /// Gets ready, so that the first utterance is not slower than others.
    func prepare() async throws
}

extension SpeechRecognizer {
    /// The first of some languages, BCP 47 tags, that the recogniser understands; one that does not say what it understands
    /// is trusted with the first. Regions and scripts make no difference.
    public func firstUnderstood(of wanted: [String]) async -> String? {
        let known = await describe().languages
        guard !known.isEmpty else { return wanted.first }
        let codes = Set(known.map(\.languageCode))
        return wanted.first { codes.contains($0.languageCode) }
    }

    /// Throws `SpeechError.languageNotUnderstood` when the recogniser does not understand a language, since a transcript in
    /// the wrong one is worth nothing.
    func require(_ language: String) async throws(SpeechError) {
        guard await firstUnderstood(of: [language]) == nil else { return }
        throw .languageNotUnderstood(language, known: await describe().languages)
    }
}

extension String {
    /// The language of a BCP 47 tag, to compare it with others: its first part, or for the usual member of a family of
    /// languages that of the family, so that `cmn` is `zh`.
    public var languageCode: String {
        let code = prefix { $0 != "-" && $0 != "_" }.lowercased()
        return languageFamilies[code] ?? code
    }
}

private let languageFamilies = [
    "cmn": "zh", "nb": "no", "arb": "ar", "pes": "fa", "swh": "sw", "zsm": "ms", "lvs": "lv", "ekk": "et", "uzn": "uz",
]
