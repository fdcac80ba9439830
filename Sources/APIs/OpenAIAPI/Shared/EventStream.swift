import HTTPTypes
import Hummingbird
import Serving

/// Sends an event. Concurrent as the writers of answers are, which must not leave their task.
typealias Send = @concurrent (ServerSentEvent) async throws -> Void

extension Response {
    /// An answer of events that `produce` sends one by one, as fast as the client takes them.
    ///
    /// The status is already out when something fails, so the failure becomes the last event; OpenAI's clients throw it.
    static func events(
        _ produce: @escaping @Sendable @concurrent (_ send: Send) async throws -> Void
    ) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-cache"],
            body: ResponseBody { writer in
                do {
                    try await produce { event in try await writer.write(event.buffer) }
                } catch let error as CancellationError {
                    throw error
                } catch {
                    LateFailures.current?.note(error)
                    try await writer.write(ServerSentEvent(failure: APIFailure(error)).buffer)
                }
                try await writer.finish(nil)
            }
        )
    }
}

extension ServerSentEvent {
    /// The event that tells of a failure.
    init(failure: APIFailure) {
        self.init(data: [
            "error": [
                "message": .string(failure.message), "type": "server_error", "param": .null,
                "code": .string(failure.openAICode),
            ]
        ])
    }
}
