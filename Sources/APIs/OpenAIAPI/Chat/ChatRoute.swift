import AsyncHTTPClient
import Dialogue
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Serving
import Settings
import Speech

/// `POST /v1/chat/completions`: passed on to the model server if there is one, else answered by the responder.
///
/// Both stop when the client goes away.
struct ChatRoute: Sendable {
    /// The headers of the model server's answer that mean something to clients.
    private static let passedHeaders: [HTTPField.Name] =
        [.contentType, .cacheControl, .retryAfter]
        + ["retry-after-ms", "x-should-retry"].compactMap { HTTPField.Name($0) }

    let parts: ServerParts
    let synthesizer: any SpeechSynthesizer
    let recognizer: any SpeechRecognizer
    let voiceActivity: any VoiceActivityEngine
    let client: HTTPClient
    /// What was said in spoken answers, to which later requests may refer.
    let spokenAnswers = SpokenAnswers()

    func handle(_ request: Request, _ context: ServingContext) async throws -> Hummingbird.Response {
        try request.requireJSON()
        let watch = ClientWatch(context.channel)
        let settings = parts.settings.current
        let server = ModelServer(settings)
        var body = try await request.bytes(
            limit: settings.http.maxBodyBytes,
            timeout: settings.http.requestTimeout,
            budget: parts.uploads
        )
        if var sound = try self.sound(in: body) {
            // The recordings are in memory once from here on.
            body = []
            // What is wrong with the rest is told before anything is heard.
            if sound.answer != nil || server == nil { _ = try Self.chat(JSONValue.object(sound.unheard).bytes) }
            let options = try sound.answer.map(options)
            let texts = try await hear(sound.takeRecordings(parts.uploads).reversed(), watch)
            let text = JSONValue.object(sound.request(saying: texts)).bytes
            if let manner = sound.answer, let options {
                return try await speak(try Self.chat(text), as: manner.format, options, watch)
            }
            if let server { return try await pass(text, of: request, to: server, watch) }
            return try await answer(try Self.chat(text), watch)
        }
        if let server { return try await pass(body, of: request, to: server, watch) }
        return try await answer(try Self.chat(body), watch)
    }

    /// A chat that is answered here.
    private static func chat(_ json: [UInt8]) throws(APIFailure) -> ChatRequest {
        let limit = ChatRequest.byteLimit
        guard json.count <= limit else {
            throw APIFailure(.contentTooLarge, .tooLarge, "The body has more than \(limit) bytes besides sound.")
        }
        return try ChatRequest(json: json)
    }

    /// What of a request has to do with sound; nil if nothing has. Throws `APIFailure`.
    private func sound(in body: [UInt8]) throws(APIFailure) -> ChatSound? {
        // Most requests have none, which is found without reading them as JSON.
        let text = Data(body)
        guard ["audio", "modalities"].contains(where: { text.range(of: Data($0.utf8)) != nil }) else { return nil }
        guard let members = try? JSONValue(parsing: body).members else { return nil }
        return try ChatSound(in: members, earlier: spokenAnswers)
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
        let next: @Sendable () async throws -> ByteBuffer? = {
            try await watch.run {
                do {
                    return try await pieces.next()
                } catch {
                    throw try ModelServer.failure(error)
                }
            }
        }
        let isStream = headers[.contentType]?.lowercased().hasPrefix("text/event-stream") == true
        let beginning = isStream ? ByteBuffer() : try await Self.beginning(next, from: server)
        return Hummingbird.Response(
            status: .init(code: Int(answer.status.code)),
            headers: headers,
            body: ResponseBody { writer in
                var screen = isStream ? EventScreen() : nil
                if !isStream { try await writer.write(beginning) }
                while let buffer = try await next() {
                    for passed in try Self.screen(buffer, by: &screen, from: server) { try await writer.write(passed) }
                }
                if let last = screen?.finish() { try await writer.write(Self.passed(last, from: server)) }
                try await writer.finish(nil)
            }
        )
    }

    /// The first bytes of an answer that comes as a whole: all of it, unless it is longer than any refusal. Throws
    /// `APIFailure` for a refusal that came with status 200.
    private static func beginning(
        _ next: @Sendable () async throws -> ByteBuffer?,
        from server: ModelServer
    ) async throws -> ByteBuffer {
        var beginning = ByteBuffer()
        while beginning.readableBytes <= ModelServer.longestRefusal, let more = try await next() {
            beginning.writeImmutableBuffer(more)
        }
        let bytes = Array(beginning.readableBytesView)
        let isWhole = bytes.count <= ModelServer.longestRefusal
        if isWhole, EventScreen.tellsOfFailure(bytes) { throw server.refusal(told: bytes) }
        // Of a long answer only the first character is looked at.
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        guard first == UInt8(ascii: "{"), !isWhole || (try? JSONValue(parsing: bytes)) != nil else {
            throw APIFailure(.badGateway, .processingFailed, "What the model server answers is not a JSON object.")
        }
        return beginning
    }

    /// What is passed on of a part of an answer; all of it where there is no screen.
    private static func screen(
        _ buffer: ByteBuffer,
        by screen: inout EventScreen?,
        from server: ModelServer
    ) throws -> [ByteBuffer] {
        do {
            return try screen?.feed(buffer.readableBytesView).map { passed($0, from: server) } ?? [buffer]
        } catch {
            throw APIFailure(.badGateway, .processingFailed, "The model server sends an event that is too long.")
        }
    }

    /// A piece of a stream as it is passed on: with our own words where it tells of a failure.
    private static func passed(_ piece: EventScreen.Piece, from server: ModelServer) -> ByteBuffer {
        switch piece {
        case .bytes(let bytes):
            return ByteBuffer(bytes: bytes)
        case .refusal(let data):
            let failure = server.refusal(told: data)
            LateFailures.current?.note(failure)
            return ServerSentEvent(failure: failure).buffer
        }
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
        let limit = parts.settings.current.conversation.answerTimeout
        guard chat.isStreamed else {
            let text = try await watch.run {
                try await parts.responder.answering(within: limit) {
                    var text = ""
                    while let piece = try await pieces.next() { text += piece.spoken }
                    return text
                }
            }
            var response = Hummingbird.Response(json: answer.completion(text))
            response.headers.nameIgnored(chat.ignored)
            return response
        }
        // Awaited before the answer begins, so that a responder that cannot answer is answered for with a status.
        let first = try await watch.run {
            try await parts.responder.answering(within: limit) { () -> ResponsePiece? in
                while let piece = try await pieces.next() {
                    if !piece.spoken.isEmpty { return piece }
                }
                return nil
            }
        }
        var response = Hummingbird.Response.events { send in
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
        response.headers.nameIgnored(chat.ignored)
        return response
    }
}

extension ResponsePiece {
    /// The text of the piece; empty for one that has none.
    var spoken: String {
        if case .text(let text) = self { text } else { "" }
    }
}
