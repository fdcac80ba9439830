import AsyncHTTPClient
public import Audio
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Speech recognition by any server that has `POST /v1/audio/transcriptions`.
public struct OpenAIRecognizer: SpeechRecognizer {
    /// The name of the engine.
    public static let name = "openai"

    private let endpoint: OpenAIEndpoint
    private let model: String
    private let client: HTTPClient

    /// A recogniser that asks `model` at `endpoint`.
    public init(endpoint: OpenAIEndpoint, model: String) {
        self.endpoint = endpoint
        self.model = model
        client = OpenAIEndpoint.client
    }

    /// `openai`.
    public var name: String { Self.name }

    /// None: each partial transcript would be a request.
    public var partialInterval: Duration? { nil }

    /// Ten minutes, which keeps an upload below the usual limit of 25 MB.
    public var longestUtterance: Duration { .seconds(600) }

    /// Describes the engine; whether the server answers is found out by using it.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .recognizer,
            version: model,
            licence: "the server's",
            languages: [],
            sampleRate: nil,
            availability: .available
        )
    }

    /// Nothing to prepare.
    public func prepare() async throws {}

    /// Uploads `audio` as a WAV file and reads the answer's text.
    public func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        let file = try await offPool { try AudioEncoder.encodeWhole(audio, as: .wav) }
        var fields = [("model", model), ("response_format", "json")]
        // Such servers know languages, not regions.
        if let language { fields.append(("language", language.languageCode)) }
        let form = MultipartForm(
            fields: fields,
            file: (name: "file", filename: "audio.wav", type: "audio/wav", bytes: file)
        )
        let response = try await endpoint.post(
            "/audio/transcriptions",
            contentType: form.contentType,
            body: form.encoded(),
            client: client
        )
        let body: ByteBuffer
        do {
            body = try await response.body.collect(upTo: 1 << 20)
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw endpoint.failure("the answer could not be read.")
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: body) else {
            throw endpoint.failure("the answer is not JSON with a text.")
        }
        return Transcript(text: answer.text.trimmed, language: answer.language ?? language)
    }

    private struct Answer: Decodable {
        var text: String
        var language: String?
    }
}

/// A form with one file, as `multipart/form-data` (RFC 7578).
struct MultipartForm {
    let fields: [(String, String)]
    let file: (name: String, filename: String, type: String, bytes: [UInt8])
    private let boundary = "antiphon-\(UInt64.random(in: 0 ... .max))"

    init(fields: [(String, String)], file: (name: String, filename: String, type: String, bytes: [UInt8])) {
        self.fields = fields
        self.file = file
    }

    var contentType: String { "multipart/form-data; boundary=\(boundary)" }

    func encoded() -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        body +=
            """
            --\(boundary)\r\nContent-Disposition: form-data; name="\(file.name)"; filename="\(file.filename)"\r\n\
            Content-Type: \(file.type)\r\n\r\n
            """.utf8
        body += file.bytes
        body += "\r\n--\(boundary)--\r\n".utf8
        return body
    }
}
