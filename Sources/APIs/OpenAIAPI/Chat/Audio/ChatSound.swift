import Audio
import Foundation
import Serving

/// The sound in a chat: recordings among the messages, and whether the answer is to be spoken.
///
/// Source of the shapes: OpenAI's chat interface, `input_audio`, `modalities` and `audio`.
struct ChatSound: Sendable {
    /// A part of a message that is a recording.
    struct Recording: Sendable {
        /// Where it stands.
        var message: Int
        var part: Int
        /// Its contents, until they are taken.
        var bytes: [UInt8]

        /// The part as errors name it.
        var name: String { ChatSound.name(message: message, part: part) }
    }

    /// How the answer is to be spoken.
    struct Manner: Sendable, Equatable {
        /// The name of the voice; nil for the usual one.
        var voice: String?
        var format: AudioFormat
    }

    /// The most recordings in one request.
    static let recordingLimit = 16
    /// What recordings may be said to be. What they are, their content decides.
    static let inputFormats = ["wav", "mp3", "flac", "opus", "ogg", "aac", "m4a", "mp4", "webm"]
    /// The formats of an answer by OpenAI's names.
    static let formats: [String: AudioFormat] = [
        "wav": .wav, "mp3": .mp3, "flac": .flac, "opus": .opus, "aac": .aac, "pcm16": .pcm,
    ]

    /// What stands for a recording that is not heard yet.
    private static let placeholder = "\u{2026}"

    /// The recordings in their order.
    private(set) var recordings: [Recording] = []
    /// How the answer is to be spoken; nil if it is not.
    var answer: Manner?
    /// The rest of the request, all of it text: no recording is in it, and no reference to an earlier answer.
    private var members: [String: JSONValue]
    private var messages: [JSONValue]

    /// What of a request has to do with sound; nil if nothing has. Texts of earlier answers come from `earlier`. Throws
    /// `APIFailure` that names the field.
    init?(in members: [String: JSONValue], earlier: SpokenAnswers) throws(APIFailure) {
        self.members = members
        guard case .array(let messages)? = members["messages"] else { return nil }
        self.messages = messages
        var refersBack = false
        for (index, message) in messages.enumerated() {
            guard let fields = message.members else { continue }
            try findRecordings(in: fields, at: index)
            guard let reference = fields["audio"], reference != .null else { continue }
            refersBack = true
            self.messages[index] = try Self.message(fields, saying: reference, at: index, earlier)
        }
        answer = try Self.manner(members)
        for name in ["messages", "modalities", "audio"] { self.members[name] = nil }
        guard refersBack || answer != nil || !recordings.isEmpty else { return nil }
    }

    /// The request without sound, with these texts in place of the recordings.
    func request(saying texts: [String]) -> [String: JSONValue] {
        var messages = messages
        for (recording, text) in zip(recordings, texts) {
            guard var fields = messages[recording.message].members, case .array(var parts)? = fields["content"] else {
                continue
            }
            parts[recording.part] = ["type": "text", "text": .string(text)]
            fields["content"] = .array(parts)
            messages[recording.message] = .object(fields)
        }
        var members = members
        members["messages"] = .array(messages)
        return members
    }

    /// The request as far as it is known before anything is heard.
    var unheard: [String: JSONValue] { request(saying: recordings.map { _ in Self.placeholder }) }

    /// The recordings as files with the names of their fields; they are not kept here any longer. Throws `APIFailure` (503)
    /// when `budget` has no room for them.
    mutating func takeRecordings(_ budget: ByteBudget) throws(APIFailure) -> [UploadedForm.File] {
        var files: [UploadedForm.File] = []
        for index in recordings.indices {
            let recording = recordings[index]
            recordings[index].bytes = []
            files.append(try UploadedForm.File(name: recording.name, bytes: recording.bytes, budget: budget))
        }
        return files
    }

    fileprivate static func name(message: Int, part: Int) -> String {
        "messages.\(message).content.\(part).input_audio"
    }

    private mutating func findRecordings(in fields: [String: JSONValue], at index: Int) throws(APIFailure) {
        guard case .array(let parts)? = fields["content"] else { return }
        var rest = parts
        for (number, part) in parts.enumerated() where part.members?["type"] == "input_audio" {
            let name = Self.name(message: index, part: number)
            guard fields["role"] == "user" else {
                throw .badField(name, "Only messages of the user may have sound.")
            }
            guard recordings.count < Self.recordingLimit else {
                throw .badField(name, "At most \(Self.recordingLimit) recordings are allowed in one request.")
            }
            guard let sound = part.members?["input_audio"]?.members, case .string(let data)? = sound["data"] else {
                throw .badField("\(name).data", "The recording in base64 is required.")
            }
            guard case .string(let format)? = sound["format"], Self.inputFormats.contains(format.lowercased()) else {
                let known = Self.inputFormats.joined(separator: ", ")
                throw .badField("\(name).format", "The format must be one of \(known).")
            }
            guard let bytes = Data(base64Encoded: data), !bytes.isEmpty else {
                throw .badField("\(name).data", "The recording is not valid base64.")
            }
            recordings.append(Recording(message: index, part: number, bytes: Array(bytes)))
            rest[number] = ["type": "text", "text": .string(Self.placeholder)]
        }
        var fields = fields
        fields["content"] = .array(rest)
        messages[index] = .object(fields)
    }

    private static func message(
        _ fields: [String: JSONValue],
        saying reference: JSONValue,
        at index: Int,
        _ earlier: SpokenAnswers
    ) throws(APIFailure) -> JSONValue {
        let name = "messages.\(index).audio.id"
        guard fields["role"] == "assistant", case .string(let id)? = reference.members?["id"] else {
            throw .badField(name, "A message of the assistant may refer to the id of an earlier spoken answer.")
        }
        guard let text = earlier.text(of: id) else {
            throw .badField(
                name,
                "There is no spoken answer of this id, or it has expired; send its transcript as content."
            )
        }
        var fields = fields
        fields["audio"] = nil
        fields["content"] = .string(text)
        return .object(fields)
    }

    private static func manner(_ members: [String: JSONValue]) throws(APIFailure) -> Manner? {
        var wantsSound = false
        switch members["modalities"] {
        case nil, .null?: break
        case .array(let modalities)?:
            for modality in modalities {
                guard modality == "text" || modality == "audio" else {
                    throw .badField("modalities", "Modalities are 'text' and 'audio'.")
                }
                wantsSound = wantsSound || modality == "audio"
            }
        default: throw .badField("modalities", "A list of 'text' and 'audio' is expected.")
        }
        guard wantsSound else {
            if let audio = members["audio"], audio != .null {
                throw .badField("audio", "The answer is only spoken with modalities [\"text\", \"audio\"].")
            }
            return nil
        }
        guard let audio = members["audio"]?.members else {
            throw .badField("audio", "The voice and the format of the answer are required, such as alloy and wav.")
        }
        guard case .string(let name)? = audio["format"], let format = formats[name.lowercased()] else {
            throw .badField(
                "audio.format",
                "The format must be one of \(formats.keys.sorted().joined(separator: ", "))."
            )
        }
        if members["stream"]?.truth == true, format != .pcm {
            throw .badField("audio.format", "A stream has sound of the format pcm16 only.")
        }
        switch audio["voice"] {
        case nil, .null?: return Manner(voice: nil, format: format)
        case .string(let voice)? where (1...200).contains(voice.utf8.count): return Manner(voice: voice, format: format)
        case .object(let voice)?:
            guard case .string(let id)? = voice["id"], (1...200).contains(id.utf8.count) else { fallthrough }
            return Manner(voice: id, format: format)
        default: throw .badField("audio.voice", "The name of a voice is expected.")
        }
    }
}
