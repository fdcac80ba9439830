import AsyncHTTPClient
import Dialogue
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Serving
import Settings

/// `POST /v1/chat/completions`: passed on to the model server if there is one, else answered by the responder.
///
/// Both stop when the client goes away.
struct ChatRoute: Sendable {
    /// The headers of the model server's answer that mean something to clients.
    private static let passedHeaders: [HTTPField.Name] =
        [.contentType, .cacheControl, .retryAfter]
        + ["retry-after-ms", "x-should-retry"].compactMap { HTTPField.Name($0) }

    let parts: ServerParts
    let client: HTTPClient

    func handle(_ request: Request, _ context: ServingContext) async throws -> Hummingbird.Response {
        try request.requireJSON()
        let watch = ClientWatch(context.channel)
        let settings = parts.settings.current
        let server = ModelServer(settings)
        let limit = server == nil ? min(ChatRequest.byteLimit, settings.http.maxBodyBytes) : settings.http.maxBodyBytes
        let body = try await request.bytes(
            limit: limit,
            timeout: settings.http.requestTimeout,
            budget: parts.uploads
        )
        if let server { return try await pass(body, of: request, to: server, watch) }
        return try await answer(try ChatRequest(json: body), watch)
    }
}

// MARK: - The model server

extension ChatRoute {
    private func pass(
        _ body: [UInt8],
        of request: Request,
        to server: ModelServer,
        _ watch: ClientWatch
    ) async throws -> Hummingbird.Response {
        if let via = request.headers[.via], via.contains(ModelServer.via) {
            throw APIFailure(
                .init(code: 508),
                .processingFailed,
                "The model server is this server itself; set model.url to another."
            )
        }
        let body = try Self.prepare(body, for: server)
        let accept = request.headers[.accept]
        let answer = try await watch.run { try await server.answer(to: body, accept: accept, via: client) }
        var headers: HTTPFields = [:]
        for name in Self.passedHeaders { headers[name] = answer.headers.first(name: name.rawName) }
        // Read only as fast as the client takes it.
        let pieces = Pulled(answer.body)
        return Hummingbird.Response(
            status: .init(code: Int(answer.status.code)),
            headers: headers,
            body: ResponseBody { writer in
                while let buffer = try await watch.run({ try await pieces.next() }) {
                    try await writer.write(buffer)
                }
                try await writer.finish(nil)
            }
        )
    }

    /// The body to pass on: the client's, byte for byte, unless that leaves the choice of the model to us.
    private static func prepare(_ body: [UInt8], for server: ModelServer) throws(APIFailure) -> [UInt8] {
        guard case .object(var members) = try JSONValue(parsing: body) else {
            throw .badField("body", "The body is not a JSON object.")
        }
        guard let model = server.model, [nil, .null, "", .string(ModelRoutes.chatName)].contains(members["model"])
        else { return body }
        members["model"] = .string(model)
        return JSONValue.object(members).bytes
    }
}

// MARK: - The responder

extension ChatRoute {
    private func answer(_ chat: ChatRequest, _ watch: ClientWatch) async throws -> Hummingbird.Response {
        let pieces = Pulled(parts.responder.respond(to: chat.prompt))
        let answer = ChatAnswer(to: chat)
        // Awaited before the answer begins, so that a responder that cannot answer is answered for with a status.
        let first = try await watch.run { try await pieces.next() }
        guard chat.isStreamed else {
            var text = ""
            var piece = first
            while let current = piece {
                text += current.spoken
                piece = try await watch.run { try await pieces.next() }
            }
            return Hummingbird.Response(json: answer.completion(text))
        }
        return .events { send in
            var text = ""
            var piece = first
            try await send(answer.beginning)
            while let current = piece {
                let more = current.spoken
                text += more
                if !more.isEmpty { try await send(answer.piece(more)) }
                piece = try await watch.run { try await pieces.next() }
            }
            for event in answer.end(text) { try await send(event) }
        }
    }
}

extension ResponsePiece {
    /// The text of the piece; empty for one that has none.
    fileprivate var spoken: String {
        if case .text(let text) = self { text } else { "" }
    }
}
