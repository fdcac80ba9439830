import HTTPTypes
import Serving
import Settings
import Speech

/// What a request says about the voice to speak with.
struct VoiceWish: Sendable, Equatable {
    /// Where the voice comes from.
    enum Mode: Sendable {
        /// From the voices on offer.
        case predefined
        /// From a recording.
        case clone

        init?(name: String) {
            switch name {
            case "predefined": self = .predefined
            case "clone", "reference": self = .clone
            default: return nil
            }
        }
    }

    var mode = Mode.predefined
    /// The voice asked for.
    var name: String?
    /// The recording asked for.
    var recording: String?
    /// The language to speak, when no voice is named.
    var language: String?

    /// Reads the fields for it, under all the names they go by.
    init(from fields: inout FieldReader) {
        let lengths = 1...200
        mode =
            fields.choice("voice_mode", expected: ["predefined", "clone", "reference"], Mode.init) ?? .predefined
        let predefined = fields.string("predefined_voice_id", length: lengths)
        let alias = fields.string("voice_id", length: lengths)
        let path = fields.string("voice_path", length: lengths)
        name = predefined ?? alias ?? path
        recording = fields.string("reference_audio_filename", length: lengths) ?? alias ?? path
        language = fields.language("language")
    }

    init() {}

    /// Whether a certain voice is asked for, and not just the usual one. No other voice is to speak in its place.
    func isNamed(_ settings: Settings) -> Bool {
        name.map { !Self.meansUsual($0, settings) } ?? false
    }

    /// `default`, unless the settings call a voice so.
    private static func meansUsual(_ name: String, _ settings: Settings) -> Bool {
        name.lowercased() == "default" && settings.speech.voiceMap[name] == nil
    }

    /// The voice meant by it; nil leaves the choice to the synthesiser. A request without a name gets the default voice
    /// if `nameIsOptional`.
    ///
    /// Throws `APIFailure` (400) when a name is missing, and 404 when nothing has it.
    func voice(
        from registry: VoiceRegistry,
        settings: Settings,
        nameIsOptional: Bool
    ) throws(APIFailure) -> Voice? {
        if mode == .clone {
            guard let recording else {
                throw APIFailure(
                    .badRequest,
                    .validationFailed,
                    "In clone mode reference_audio_filename must name a recording."
                )
            }
            throw APIFailure(
                .notFound,
                .notFound,
                "There is no reference recording named “\(Self.shown(recording))”; use voice_mode predefined."
            )
        }
        guard let name else {
            guard nameIsOptional else {
                throw APIFailure(
                    .badRequest,
                    .validationFailed,
                    "In predefined mode predefined_voice_id must name a voice; voice_id default means the usual one."
                )
            }
            return try defaultVoice(registry, settings)
        }
        if Self.meansUsual(name, settings) { return try defaultVoice(registry, settings) }
        return try Self.find(name, in: registry, settings)
    }

    /// The voice of the settings, or a better one for the language asked for.
    private func defaultVoice(
        _ registry: VoiceRegistry,
        _ settings: Settings
    ) throws(APIFailure) -> Voice? {
        var usual = registry.voices.first
        if let name = settings.speech.voice { usual = try Self.find(name, in: registry, settings) }
        guard let language, let usual, !usual.speaks(language) else { return usual }
        return registry.voices.first { $0.speaks(language) } ?? usual
    }

    /// Finds a voice by a name of the settings or its own, also if that looks like a file's.
    private static func find(
        _ name: String,
        in registry: VoiceRegistry,
        _ settings: Settings
    ) throws(APIFailure) -> Voice {
        let mapped = settings.speech.voiceMap[name] ?? name
        if let voice = try? registry.voice(named: mapped) { return voice }
        if [".wav", ".mp3"].contains(name.suffix(4).lowercased()) {
            let stem = String(name.dropLast(4))
            if let voice = try? registry.voice(named: settings.speech.voiceMap[stem] ?? stem) { return voice }
        }
        do {
            return try registry.voice(named: mapped)
        } catch {
            throw APIFailure(error)
        }
    }

    private static func shown(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(80).filter { $0.properties.generalCategory != .control }
            )
        )
    }
}

extension Voice {
    /// Whether it speaks a language, whatever the region.
    fileprivate func speaks(_ tag: String) -> Bool {
        languages.contains { $0.languageCode == tag.languageCode }
    }
}
