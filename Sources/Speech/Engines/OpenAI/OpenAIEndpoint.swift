import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// A server that speaks OpenAI's audio interface.
public struct OpenAIEndpoint: Sendable {
    /// The address up to and including `/v1`.
    public let baseURL: String
    /// The key sent as a bearer token, if any.
    let apiKey: String?
    /// The client for such servers. It follows no redirects, since these could carry the key elsewhere.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        configuration.timeout.read = .seconds(30)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// An endpoint. Throws `SpeechError.unavailable` when `baseURL` is not an http or https address.
    public init(baseURL: String, apiKey: String? = nil) throws(SpeechError) {
        let trimmed = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        guard let url = URL(string: trimmed), ["http", "https"].contains(url.scheme ?? ""), url.host != nil else {
            throw .unavailable(
                engine: OpenAIRecognizer.name,
                reason: "“\(baseURL.forMessage)” is not an address; give one like http://127.0.0.1:8000/v1."
            )
        }
        self.baseURL = trimmed
        self.apiKey = apiKey
    }

    /// The response to a POST of `body` to `path`. Throws `SpeechError`.
    func post(_ path: String, contentType: String, body: [UInt8], client: HTTPClient) async throws -> HTTPClientResponse
    {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: contentType)
        if let apiKey { request.headers.add(name: "authorization", value: "Bearer \(apiKey)") }
        request.body = .bytes(body)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(request, timeout: .seconds(60))
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw failure("\(baseURL) does not answer (\(error)); is the server running?")
        }
        guard (200..<300).contains(response.status.code) else {
            let body = try? await response.body.collect(upTo: 64 << 10)
            let word = body.flatMap { try? JSONDecoder().decode(Refusal.self, from: Data($0.readableBytesView)).word }
            let answer = "\(response.status.code)" + (word.map { " (\($0))" } ?? "")
            switch response.status {
            case .badRequest, .payloadTooLarge, .unsupportedMediaType, .unprocessableEntity:
                throw SpeechError.refused(engine: OpenAIRecognizer.name, reason: "it answers \(answer).")
            default:
                throw failure("\(baseURL)\(path) answered \(answer).")
            }
        }
        return response
    }

    /// Of what a server says when it refuses only the word for programs: its sentences may quote what a user said, or the
    /// key.
    private struct Refusal: Decodable {
        struct Failure: Decodable {
            var code: String?
            var type: String?
        }
        var error: Failure

        var word: String? {
            [error.code, error.type].compactMap { $0 }.first { word in
                (1...60).contains(word.utf8.count)
                    && word.utf8.allSatisfy { $0 == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
            }
        }
    }

    func failure(_ reason: String) -> SpeechError {
        .failed(engine: OpenAIRecognizer.name, reason: reason)
    }
}
