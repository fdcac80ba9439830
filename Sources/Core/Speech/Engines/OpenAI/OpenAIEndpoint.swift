import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import Telemetry

/// A server that speaks OpenAI's audio interface.
///
/// Its address, its words and what was sent to it stay out of the errors, which reach logs and clients: of a refusal they
/// name the status and the word for programs.
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
        guard let url = URL(string: trimmed), ["http", "https"].contains(url.scheme ?? ""), url.host != nil,
            url.user == nil, url.password == nil, url.fragment == nil
        else {
            throw .unavailable(
                engine: OpenAIRecognizer.name,
                reason: """
                    speech.openai.url is not the address of a server; give one like http://127.0.0.1:8000/v1, \
                    without user and password.
                    """
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
            throw failure("its server does not answer; check that it runs and that speech.openai.url is right.")
        }
        guard (200..<300).contains(response.status.code) else {
            let body = try? await response.body.collect(upTo: 64 << 10)
            try Task.checkCancellation()
            let word = body.flatMap { MachineWord(ofRefusal: $0.readableBytesView, hiding: apiKey) }
            let answer = "\(response.status.code)" + (word.map { " (\($0))" } ?? "")
            switch response.status {
            case .badRequest, .payloadTooLarge, .unsupportedMediaType, .unprocessableEntity:
                throw SpeechError.refused(engine: OpenAIRecognizer.name, reason: "it answers \(answer).")
            case .unauthorized, .forbidden:
                throw failure("its server answers \(answer); check speech.openai.key.")
            default:
                throw failure("its server answers \(answer).")
            }
        }
        return response
    }

    func failure(_ reason: String) -> SpeechError {
        .failed(engine: OpenAIRecognizer.name, reason: reason)
    }
}
