import Hummingbird
import Serving
import Speech

/// What a client asks of `/v1/audio/transcriptions` and `/v1/audio/translations`.
struct TranscriptionRequest: Sendable {
    /// What to do with the speech.
    enum Task: String, Sendable {
        /// Write down what was said.
        case transcribe
        /// Write it down in English, for which it must be English: no engine here translates.
        case translate
    }

    /// How the transcript is written down.
    enum Format: String, Sendable, CaseIterable {
        case json, text, srt, vtt
        case verboseJSON = "verbose_json"

        /// OpenAI's form with speakers, which no recogniser here tells apart.
        static let diarized = "diarized_json"
    }

    /// What gets times.
    enum Granularity: String, Sendable, CaseIterable {
        case word, segment
    }

    /// OpenAI's model that tells speakers apart.
    private static let diarizingModel = "gpt-4o-transcribe-diarize"

    var task: Task
    /// The name of the model: that of an engine, or any other for the engines of the settings.
    var model: String
    /// The uploaded file, until it is decoded.
    var file: UploadedForm.File?
    var format: Format
    var granularities: Set<Granularity>
    /// The BCP 47 tags of the languages that it may be in, best first; empty when that is not known.
    var languages: [String]
    /// Whether the transcript is wanted as events.
    var isStreamed: Bool

    /// The fields that were given and have no effect.
    var ignored: [String]

    /// Reads a form, and the query of the request that it came with. Throws `APIFailure` with all faults.
    init(form: UploadedForm, of request: Request? = nil, task: Task) throws(APIFailure) {
        self.task = task
        var reader = FieldReader(form: form)
        if let request { reader.addQuery(of: request) }
        model = reader.model()
        let file = Self.file(form, &reader)
        if model == Self.diarizingModel {
            reader.note("model", "No recogniser here tells speakers apart; choose another model, such as whisper-1.")
        }
        if reader.value("response_format") == .string(Format.diarized) {
            reader.note("response_format", "No recogniser here tells speakers apart; ask for 'json' or 'verbose_json'.")
            format = .json
        } else {
            format =
                reader.choice("response_format", expected: Format.allCases.map(\.rawValue), Format.init) ?? .json
        }
        granularities = Set(
            reader.list("timestamp_granularities").compactMap { word in
                Granularity(rawValue: word.lowercased())
                    ?? reader.fault("timestamp_granularities", "literal_error", "'word' or 'segment' is expected.")
            }
        )
        // Probabilities may be asked for, but no recogniser here has any.
        for word in reader.list("include") where word != "logprobs" {
            reader.note("include", "'logprobs' is expected.")
        }
        // Checked although no recogniser here takes a prompt, or chooses at random.
        _ = reader.number("temperature", in: 0...1)
        _ = reader.string("prompt")
        reader.ignore("prompt", "temperature", "include")
        let languages = Self.languages(&reader)
        self.languages = languages
        if task == .translate, languages.map(\.languageCode) != ["en"] {
            reader.note(
                "language",
                "No engine here translates. If English is spoken, say so by language=en; for a transcript in the language "
                    + "spoken, use /v1/audio/transcriptions."
            )
        }
        reader.ignore("chunking_strategy", "known_speaker_names", "known_speaker_references")
        reader.know("file")
        // OpenAI ignores the wish for this model, and clients of it expect no events.
        isStreamed = (reader.bool("stream") ?? false) && model != "whisper-1" && task == .transcribe
        reader.lookAtOthers(meaning: Self.otherNames)
        try reader.check()
        self.file = file
        ignored = reader.ignored
    }

    /// The file; a missing one is noted as a fault.
    private static func file(_ form: UploadedForm, _ reader: inout FieldReader) -> UploadedForm.File? {
        do throws(UploadedForm.FileFault) {
            return try form.onlyFile("file")
        } catch {
            return reader.fault("file", error.kind, error.message)
        }
    }

    /// What fields are called elsewhere that can mean nothing else.
    private static let otherNames = [
        "format": "response_format", "output_format": "response_format", "lang": "language",
        "granularities":
            "timestamp_granularities", "audio_file": "file", "audio": "file",
    ]

    private static func languages(_ reader: inout FieldReader) -> [String] {
        let names = reader.list("languages")
        guard reader.value("language") == nil else { return reader.language("language").map { [$0] } ?? [] }
        var languages: [String] = []
        for name in names {
            if let language = reader.language(name, in: "languages") { languages.append(language) }
        }
        return languages
    }
}
