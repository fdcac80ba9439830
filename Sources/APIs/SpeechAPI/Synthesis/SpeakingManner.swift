import Audio
import Serving
import Settings
import Speech

/// How a request wants something spoken: the fields that texts and spoken turns have in common.
struct SpeakingManner: Sendable {
    var voice = VoiceWish()
    /// The form of the answer; nil leaves it to the settings.
    var format: AudioFormat?
    /// The speed; nil leaves it to the settings.
    var speed: Double?
    /// Whether the sound is to be sent as it is made; nil leaves that open, false asks for a whole file.
    var isStreamed: Bool?

    /// Reads the fields. Some are only checked: no engine here has a temperature, and what is spoken twice sounds the
    /// same without a seed.
    init(from fields: inout FieldReader) {
        voice = VoiceWish(from: &fields)
        let formats = AudioFormat.allCases.map(\.rawValue)
        let format = fields.choice("output_format", expected: formats, AudioFormat.init(name:))
        self.format = fields.choice("format", expected: formats, AudioFormat.init(name:))
        if let format { self.format = format }
        speed = fields.number("speed_factor", in: SynthesisOptions.speeds)
        for name in ["temperature", "exaggeration", "cfg_weight"] { _ = fields.number(name, in: 0...2) }
        _ = fields.integer("seed", in: -1...(1 << 53))
        fields.ignore("temperature", "exaggeration", "cfg_weight", "seed")
        isStreamed = fields.bool("stream")
    }

    /// What fields are called elsewhere that can mean nothing else.
    static let otherNames = [
        "voice": "voice_id", "speed": "speed_factor", "response_format": "output_format", "lang": "language",
    ]
}

/// A text to be spoken, as a request describes it.
struct SynthesisRequest: Sendable {
    /// Where a text is cut into pieces that are made one after the other.
    enum Cutting: Sendable, Equatable {
        /// After clauses and sentences, the first piece being short.
        case natural
        /// Into chunks of at most so many characters.
        case chunks(Int)
    }

    /// The sizes of chunks that may be asked for.
    static let chunkSizes = 50...1000
    /// The size of chunks when a request wants chunks but does not say how long.
    static let standardChunkSize = 120

    let text: String
    let manner: SpeakingManner
    let cutting: Cutting
    let removesSilence: Bool

    /// Reads all fields. Throws `APIFailure` (422) with everything that is wrong with them.
    init(from fields: inout FieldReader, longestText: Int) throws {
        text = fields.required("text", length: 1...longestText)
        manner = SpeakingManner(from: &fields)
        let splits = fields.bool("split_text")
        let size = fields.integer("chunk_size", in: Self.chunkSizes)
        cutting =
            switch (splits, size) {
            case (nil, nil): .natural
            // Not cutting at all would let one request keep an engine to itself.
            case (false, _): .chunks(Self.chunkSizes.upperBound)
            case (_, let size): .chunks(size ?? Self.standardChunkSize)
            }
        removesSilence = fields.bool("remove_silence") ?? false
        fields.lookAtOthers(meaning: SpeakingManner.otherNames.merging(["input": "text"]) { known, _ in known })
        try fields.check()
    }
}
