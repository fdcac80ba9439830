import AsyncHTTPClient
import Dialogue
import HTTPTypes
import NIOCore
import NIOHTTP1
import Serving
import Settings

/// The server with the language model, to which chats are passed on.
struct ModelServer: Sendable {
    /// Where chats go.
    private let url: String
    let key: String?
    /// What the server calls its model.
    let model: String?

    /// The server in the section `model` of `settings`; nil when there is none.
    init?(_ settings: Settings) {
        guard let base = settings.model.url, !base.isEmpty else { return nil }
        var trimmed = base[...]
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        url = trimmed + "/chat/completions"
        key = settings.model.key?.exposed
        model = settings.model.name
    }

    /// Passes a chat on and returns the answer's head, with its body still to be read. The client's own headers stay
    /// here, its key above all.
    ///
    /// Throws `APIFailure`: 502 when the server cannot be reached, redirects or does not accept our key, 504 when it does
    /// not answer in time, and the status with which it refuses otherwise.
    func answer(to body: [UInt8], accept: String?, via client: HTTPClient) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "accept", value: accept ?? "application/json, text/event-stream")
        request.headers.add(name: "via", value: Self.via)
        if let key, !key.isEmpty { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        request.body = .bytes(body)
        let response: HTTPClientResponse
        do {
            do {
                response = try await client.execute(request, deadline: .distantFuture)
            } catch  where Self.isBehindTheTimes(error) {
                response = try await client.execute(request, deadline: .distantFuture)
            }
        } catch {
            throw try Self.failure(error)
        }
        switch response.status.code {
        case 200..<300:
            return response
        case 300..<400:
            throw APIFailure(
                .badGateway,
                .processingFailed,
                "The model server redirects; set model.url to where it redirects to."
            )
        default:
            throw try await refusal(response)
        }
    }

    /// Whether a request failed because a kept connection was over, which the client learnt only by using it. Nothing has
    /// been taken then, so the request may be sent once more; after any other failure the answer may be in the making.
    private static func isBehindTheTimes(_ error: any Error) -> Bool {
        if case ChannelError.ioOnClosedChannel = error { return true }
        return error is KeptConnectionEnded
    }

    /// Marks requests that this program passed on, so that one that comes back is not passed on for ever.
    static let via = "1.1 antiphon"

    /// What an error of the client means to ours. Throws `CancellationError` when nobody waits any more.
    static func failure(_ error: any Error) throws -> APIFailure {
        try Task.checkCancellation()
        if error is CancellationError { throw error }
        if let failure = error as? APIFailure { return failure }
        let timeouts: [HTTPClientError] = [.connectTimeout, .tlsHandshakeTimeout, .readTimeout, .deadlineExceeded]
        if let error = error as? HTTPClientError, timeouts.contains(error) {
            return APIFailure(.gatewayTimeout, .processingFailed, "The model server took too long to answer.")
        }
        return APIFailure(
            .badGateway,
            .processingFailed,
            HTTPClient.mayHaveSent(before: error)
                ? "The connection to the model server ended before its answer was complete."
                : "The model server cannot be reached; check that it runs and that model.url is right."
        )
    }
}

extension HTTPClient {
    /// The client for chats that are passed on. It follows no redirects, since these could carry the key elsewhere.
    static let forModelServer = modelServerClient()

    /// A client with the limits for a model server. `silence` is the longest wait for the next bytes of an answer, the
    /// first included: models that answer as a whole may think for minutes.
    static func modelServerClient(
        connect: TimeAmount = .seconds(5),
        silence: TimeAmount = .seconds(300)
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = connect
        configuration.timeout.read = silence
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tellKeptConnections()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 512
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
