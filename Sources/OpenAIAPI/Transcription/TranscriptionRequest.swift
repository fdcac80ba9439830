import Serving

/// What a client asks of `/v1/audio/transcriptions` and `/v1/audio/translations`.
struct TranscriptionRequest: Sendable {
    /// What to do with the speech.
    enum Task: String, Sendable {
        /// Write down what was said.
        case transcribe
        /// Write it down in English. Only the recogniser of another server may know other languages.
        case translate
    }

    /// How the transcript is written down.
    enum Format: String, Sendable, CaseIterable {
        case json, text, srt, vtt
        case verboseJSON = "verbose_json"
        case diarizedJSON = "diarized_json"
    }

    /// What gets times.
    enum Granularity: String, Sendable, CaseIterable {
        case word, segment
    }

    var task: Task
    /// The uploaded file, until it is decoded.
    var file: UploadedForm.File?
    var format: Format
    var granularities: Set<Granularity>
    var temperature: Double
    /// The BCP 47 tags of the languages that it may be in, best first; empty when that is not known.
    var languages: [String]
    /// Whether the transcript is wanted as events.
    var isStreamed: Bool

    /// Reads a form; names of lists may end with `[]` or not. Throws `APIFailure` with all faults.
    init(form: UploadedForm, task: Task) throws(APIFailure) {
        self.task = task
        var reader = FieldReader(form: form)
        let model = reader.model()
        let file = Self.file(form, &reader)
        let formats = Format.allCases.filter { task == .transcribe || $0 != .diarizedJSON }
        format =
            reader.choice("response_format", expected: formats.map(\.rawValue)) { word in
                formats.first { $0.rawValue == word }
            } ?? .json
        granularities = Set(
            form.list("timestamp_granularities").compactMap { word in
                Granularity(rawValue: word)
                    ?? reader.fault("timestamp_granularities", "literal_error", "'word' or 'segment' is expected.")
            }
        )
        // Probabilities may be asked for, but no recogniser here has any.
        for word in form.list("include") where word != "logprobs" {
            reader.note("include", "'logprobs' is expected.")
        }
        temperature = reader.number("temperature", in: 0...1) ?? 0
        // Checked although no recogniser here takes a prompt.
        _ = reader.string("prompt")
        languages = task == .translate ? ["en"] : Self.languages(form, &reader)
        // OpenAI ignores the wish for this model, and clients of it expect no events.
        isStreamed = (reader.bool("stream") ?? false) && model != "whisper-1" && task == .transcribe
        try reader.check()
        self.file = file
    }

    /// The file; a missing one is noted as a fault.
    private static func file(_ form: UploadedForm, _ reader: inout FieldReader) -> UploadedForm.File? {
        let files = form.files("file")
        guard let file = files.first else {
            let isText = !form.values("file").isEmpty
            let message =
                isText ? "The field must be sent as a file, with a file name." : "A file with the sound is required."
            return reader.fault("file", "missing", message)
        }
        guard files.count == 1 else {
            return reader.fault("file", "value_error", "One file is expected; send others one by one.")
        }
        return file
    }

    private static func languages(_ form: UploadedForm, _ reader: inout FieldReader) -> [String] {
        guard reader.value("language") == nil else { return reader.language("language").map { [$0] } ?? [] }
        var languages: [String] = []
        for name in form.list("languages") {
            if let language = reader.language(name, in: "languages") { languages.append(language) }
        }
        return languages
    }
}

extension UploadedForm {
    /// The values of a list, whose name some clients write with `[]` at the end; empty ones count as absent.
    fileprivate func list(_ name: String) -> [String] {
        (values(name) + values(name + "[]")).filter { !$0.isEmpty }
    }
}
