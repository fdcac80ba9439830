import Conversation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// The conversations that go on, whatever API they came through, for those who watch over the server.
extension SpeechAPI {
    func addSessionRoutes(to router: AccessRoutes) {
        router.get("/sessions") { _, context in await liveSessions(context) }
        router.reading("from").get("/sessions/{id}/events") { request, context in
            try await follow(request, context)
        }
    }

    private func liveSessions(_ context: ServingContext) async -> Response {
        let entries = await parts.directory.entries
        let sessions = entries.map { entry -> JSONValue in
            [
                "id": .string(entry.id), "room": JSONValue(entry.room), "busy": .bool(entry.isBusy),
                "attachments": .number(Double(entry.attached)),
            ]
        }
        return context.answer(["sessions": .array(sessions), "count": .number(Double(sessions.count))])
    }

    /// The events of a session as server-sent events, from now on or from an older one, until the session ends.
    private func follow(_ request: Request, _ context: ServingContext) async throws -> Response {
        let id = try context.parameters.require("id")
        var first: Int?
        if let text = request.uri.queryParameters["from"] {
            guard let number = Int(text), number >= 1 else {
                throw APIFailure.invalid(
                    .init(["query", "from"], "greater_than_equal", "The number of an event is expected, from 1.")
                )
            }
            first = number
        }
        guard let live = await parts.directory.session(id: id) else {
            throw APIFailure(
                .notFound,
                .notFound,
                "No conversation of this id goes on; GET /sessions lists those that do."
            )
        }
        let reader = await live.session.reader(from: first)
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody { writer in
                var reader = reader
                while let reading = await reader.next() {
                    switch reading {
                    case .event(let event): try await writer.write(Self.sent(event))
                    case .lost(let count): try await writer.write(ByteBuffer(string: ": \(count) events were lost\n\n"))
                    case .sound, .soundHandedOver: break
                    }
                }
                try await writer.finish(nil)
            }
        )
    }

    private static func sent(_ event: ConversationEvent) -> ByteBuffer {
        ByteBuffer(
            string:
                "id: \(event.number)\ndata: {\(ConversationTopics.members(of: event.kind, number: event.number))}\n\n"
        )
    }
}
