import Foundation
import Serving

/// A spoken answer in OpenAI's shapes.
struct SpokenChatAnswer: Sendable {
    private let answer: ChatAnswer
    /// By which later requests may refer to it.
    let id: String

    init(_ answer: ChatAnswer, id: String) {
        self.answer = answer
        self.id = id
    }

    /// A new id of an answer.
    static func newID() -> String { "audio_" + UUID().uuidString.filter { $0 != "-" }.lowercased() }

    /// The fields of the request that had no effect.
    var ignored: [String] { answer.request.ignored }

    /// The whole answer, which can be referred to until `expiry`, in seconds since 1970.
    func completion(_ text: String, _ sound: [UInt8], expires expiry: Int) -> JSONValue {
        answer.completion(
            text,
            message: [
                "role": "assistant", "content": .null, "refusal": .null,
                "audio": [
                    "id": .string(id), "data": .string(Data(sound).base64EncodedString()),
                    "expires_at": .number(Double(expiry)), "transcript": .string(text),
                ],
            ]
        )
    }

    /// The event that begins a stream.
    var beginning: ServerSentEvent {
        answer.chunk(["role": "assistant", "refusal": .null, "audio": ["id": .string(id), "transcript": ""]])
    }

    /// More text.
    func transcript(_ text: String) -> ServerSentEvent {
        answer.chunk(["audio": ["id": .string(id), "transcript": .string(text)]])
    }

    /// More sound: 16-bit samples.
    func sound(_ bytes: [UInt8]) -> ServerSentEvent {
        answer.chunk(["audio": ["id": .string(id), "data": .string(Data(bytes).base64EncodedString())]])
    }

    /// The events that end a stream; `text` is all that was sent.
    func end(_ text: String, expires expiry: Int) -> [ServerSentEvent] {
        [answer.chunk(["audio": ["id": .string(id), "expires_at": .number(Double(expiry))]])] + answer.end(text)
    }
}
