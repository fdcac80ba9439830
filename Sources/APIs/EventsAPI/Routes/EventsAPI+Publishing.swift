import Events
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving
import Settings
import WebSocket

/// Publishing over HTTP.
extension EventsAPI {
    func addPublishing(to routes: ListenerRoutes) {
        let router = routes.topics
        router.post("publish/**") { request, context in
            let topic = try topic(request, context)
            try require(.publish, topic, context)
            let draft = try await draft(request, context)
            let (receipt, report) = try await publishing { try await hub.publishReporting(draft, to: topic) }
            let answer = JSONWriter.object { writer in
                writer.member("success", true)
                writer.member("topic", topic.text)
                writer.member("epoch", receipt.position.epoch)
                writer.member("offset", receipt.position.offset)
                writer.member("targeted", report.targeted)
                writer.member("queued", report.queued)
                writer.member("dropped", report.dropped)
                writer.member("duplicate", receipt.isDuplicate)
            }
            return Response(jsonBytes: answer)
        }
        router.post("broadcast/**") { request, context in
            let topic = try topic(request, context)
            try require(.publish, topic, context)
            // The whole body is the message, as the older managers had it.
            let body = try await body(request, context)
            let data: ByteBuffer
            do throws(JSONTextError) {
                data = JSONText.compact(try JSONObjectReader(body).text)
            } catch {
                throw APIFailure.invalidJSON(error)
            }
            var draft = try Self.broadcast(data)
            draft.publisher = context.identity.key
            let (_, report) = try await publishing { try await hub.publishReporting(draft, to: topic) }
            let answer = JSONWriter.object { writer in
                writer.member("success", true)
                writer.member("channel", topic.text)
                writer.member("client_count", report.targeted)
            }
            return Response(jsonBytes: answer)
        }
        // As much as this sends burdens everybody.
        routes.needing(.administration).post("broadcast") { request, context in
            guard settings.current.events.benchmarkTrigger else {
                throw APIFailure(
                    .forbidden,
                    .forbidden,
                    "Broadcasts to measure the server are off; turn them on with events.benchmark_trigger."
                )
            }
            let trigger = try BroadcastTrigger(await body(request, context))
            try require(.publish, trigger.topic, context)
            let payer = ClientRates.Payer(context)
            try await publishing {
                try await trigger.run(on: hub) { bytes in
                    let wait = rates.reserve(WebSocketUsage(messages: 1, bytes: bytes), of: payer)
                    if wait > .zero { try await Task.sleep(for: wait) }
                }
            }
            return Response(json: ["success": true, "count": .number(Double(trigger.count))])
        }
    }

    /// A body with a known `type` and `data` is a message; any other is the data of one.
    private static func broadcast(_ body: ByteBuffer) throws -> Draft {
        let message = try JSONObjectReader(body)
        guard let type = try? EventType("type", in: message), message.kind(of: "type") != nil,
            let data = message.object("data")
        else { return Draft(type: EventType.custom.rawValue, data: body) }
        return Draft(type: type.rawValue, data: data)
    }

    private func draft(_ request: Request, _ context: ServingContext) async throws -> Draft {
        try request.requireJSON()
        do {
            let message = try JSONObjectReader(await body(request, context))
            try refuseOthers(in: message)
            let type = try type(in: message)
            var draft = try Draft(type: type, in: message)
            if let key = request.headers[.idempotencyKey] { draft.idempotencyKey = key }
            draft.publisher = context.identity.key
            return draft
        } catch let error as JSONTextError {
            throw APIFailure.invalidJSON(error)
        } catch let error as ClientMistake {
            throw APIFailure.invalid(.init(["body"], "value_error", error.message))
        }
    }

    /// Refuses members that have no meaning here: what is meant as data would be lost. A message as followers get it may be
    /// published again.
    private func refuseOthers(in message: JSONObjectReader) throws(APIFailure) {
        let known = [
            "type", "data", "key", "state_key", "remove", "timestamp", "connection_id", "target_connections", "topic",
            "offset", "epoch",
        ]
        guard let other = message.keys.first(where: { !known.contains($0) }) else { return }
        throw APIFailure.invalid(
            .init(
                ["body", String(other.prefix(40))],
                "extra_forbidden",
                "There is no such member; what is published goes into data."
            )
        )
    }

    private func type(in message: JSONObjectReader) throws(APIFailure) -> EventType {
        do {
            return try EventType("type", in: message)
        } catch .unknownType(_) {
            let known = EventType.published.map(\.rawValue).sorted().joined(separator: ", ")
            throw APIFailure.invalid(.init(["body", "type"], "enum", "The type is not known; it is one of \(known)."))
        } catch {
            throw APIFailure.invalid(.init(["body", "type"], "value_error", error.message))
        }
    }

    /// The body of a request to publish, once the client may send so much. Throws `APIFailure` (429 among others).
    private func body(_ request: Request, _ context: ServingContext) async throws -> ByteBuffer {
        let settings = settings.current
        let payer = ClientRates.Payer(context)
        let limit = settings.websocket.maxMessageBytes
        // What is too much is not even listened to.
        let announced = min(max(0, request.headers[.contentLength].flatMap { Int($0) } ?? 0), limit)
        try rates.require(WebSocketUsage(messages: 1, bytes: announced), of: payer)
        let bytes = try await request.bytes(limit: limit, timeout: settings.http.requestTimeout)
        if bytes.count > announced { try rates.require(WebSocketUsage(bytes: bytes.count - announced), of: payer) }
        return ByteBuffer(bytes: bytes)
    }

    /// The topic that stands in the path behind the route's own part.
    func topic(_ request: Request, _ context: ServingContext) throws -> TopicName {
        // The router leaves empty segments out, so a name that has some would be another one.
        let path = request.uri.path
        guard !path.contains("//"), !path.hasSuffix("/") else {
            throw APIFailure.invalid(
                .init(
                    ["path", "topic"],
                    "value_error",
                    "The topic's name has an empty segment; put text between slashes."
                )
            )
        }
        let segments = context.parameters.getCatchAll()
        let text = segments.map { $0.removingPercentEncoding ?? String($0) }.joined(separator: "/")
        do {
            return try TopicName(text)
        } catch {
            throw APIFailure.invalid(.init(["path", "topic"], "value_error", error.description))
        }
    }

    func require(_ action: TopicAction, _ topic: TopicName, _ context: ServingContext) throws {
        guard context.identity.permissions.allows(action, topic) else {
            throw APIFailure(.forbidden, .forbidden, "You may not \(action.verb) \(topic.text).")
        }
    }

    /// Something that may work later.
    static func unavailable(_ description: String) -> APIFailure {
        var failure = APIFailure(.serviceUnavailable, .overloaded, description)
        failure.retryAfter = .seconds(5)
        return failure
    }

    private func publishing<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as PublishError {
            switch error {
            case .topic, .busy, .notStored, .stopped: throw Self.unavailable(error.description)
            case .noSpace, .stateFull(.totalBytes), .stateFull(.publisherBytes):
                let status = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
                throw APIFailure(status, .overloaded, error.description)
            case .tooLarge: throw APIFailure(.contentTooLarge, .tooLarge, error.description)
            case .draft, .stateFull:
                throw APIFailure.invalid(.init(["body"], "value_error", error.description))
            }
        }
    }
}

extension Response {
    /// JSON that is written already.
    init(jsonBytes: ByteBuffer) {
        self.init(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: jsonBytes)
        )
    }
}
