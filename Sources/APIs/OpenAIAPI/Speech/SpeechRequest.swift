import Audio
import Hummingbird
import Serving
import Settings
import Speech

/// What a client asks of `/v1/audio/speech`.
struct SpeechRequest: Sendable {
    /// The formats by OpenAI's names, which are those of `AudioFormat`.
    static let formats: [AudioFormat] = [.mp3, .opus, .aac, .flac, .wav, .pcm]

    /// The name of the model: that of an engine, or any other for the engines of the settings.
    var model: String
    /// The text to speak.
    var input: String
    /// The name of the voice; nil for the default.
    var voice: String?
    /// The format of the sound.
    var format: AudioFormat
    /// How fast to speak; 1 is natural.
    var speed: Double
    /// Whether the sound is wanted as events and not as such.
    var wantsEvents: Bool

    /// Whether the sound is to be sent as it is made; nil leaves that open, false asks for a whole file.
    var isStreamed: Bool?
    /// The fields that were given and have no effect.
    var ignored: [String]

    /// What fields are called elsewhere that can mean nothing else.
    private static let otherNames = [
        "text": "input", "format": "response_format", "output_format": "response_format", "voice_id": "voice",
        "predefined_voice_id": "voice", "speed_factor": "speed",
    ]

    /// Reads a body, and the query of the request that it came with. Throws `APIFailure` with all faults.
    init(json bytes: [UInt8], of request: Request? = nil, settings: Settings) throws(APIFailure) {
        var reader = try FieldReader(json: bytes)
        if let request { reader.addQuery(of: request) }
        model = reader.model()
        input = reader.required("input", length: 1...settings.speech.maxTextLength)
        voice = Self.voice(&reader)
        format =
            reader.choice("response_format", expected: Self.formats.map(\.rawValue)) { word in
                Self.formats.first { $0.rawValue == word }
            } ?? .mp3
        speed = reader.number("speed", in: SynthesisOptions.speeds) ?? settings.speech.speed
        wantsEvents =
            reader.choice("stream_format", expected: ["audio", "sse"]) { ["audio": false, "sse": true][$0] } ?? false
        // Checked although no engine here takes instructions.
        _ = reader.string("instructions")
        // What is spoken twice sounds the same without a seed.
        _ = reader.integer("seed", in: -1...(1 << 53))
        reader.ignore("instructions", "seed")
        isStreamed = reader.bool("stream")
        if isStreamed == false, wantsEvents {
            reader.note("stream", "Events are a stream; leave out either stream or stream_format.")
        }
        reader.lookAtOthers(meaning: Self.otherNames)
        try reader.check()
        ignored = reader.ignored
    }

    /// A name, or an object with the name as `id`.
    private static func voice(_ reader: inout FieldReader) -> String? {
        guard case .object(let members)? = reader.value("voice") else {
            return reader.string("voice", length: 1...200)
        }
        guard case .string(let id)? = members["id"], (1...200).contains(id.utf8.count) else {
            return reader.fault("voice", "value_error", "An object as voice must have an id of 1 to 200 characters.")
        }
        return id
    }
}
