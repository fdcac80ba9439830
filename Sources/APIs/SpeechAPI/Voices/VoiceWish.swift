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
    func isNamed(among names: VoiceNames) -> Bool { names.isNamed(name) }

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
                    "Voices are not cloned here, and no recording is named; leave voice_mode out and give voice_id."
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
                    "No voice is named; give voice_id, such as \(registry.voices.first?.name ?? "joe"), or default for the "
                        + "usual voice. GET /tts/voices lists all."
                )
            }
            return try defaultVoice(registry, settings)
        }
        let names = VoiceNames(registry, settings: settings)
        guard !names.meansUsual(name) else { return try defaultVoice(registry, settings) }
        return try Self.found { () throws(SpeechError) in try names.find(name) }
    }

    /// The voice of the settings, or a better one for the language asked for.
    private func defaultVoice(
        _ registry: VoiceRegistry,
        _ settings: Settings
    ) throws(APIFailure) -> Voice? {
        var usual = registry.voices.first
        if let name = settings.speech.voice {
            usual = try Self.found { () throws(SpeechError) in
                try VoiceNames(registry, settings: settings).find(name)
            }
        }
        guard let language, let usual, !usual.speaks(language) else { return usual }
        return registry.voices.first { $0.speaks(language) } ?? usual
    }

    private static func found(_ find: () throws(SpeechError) -> Voice) throws(APIFailure) -> Voice {
        do throws(SpeechError) {
            return try find()
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
