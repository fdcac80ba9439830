import Events
import Hummingbird
import Serving

/// Looking at topics over HTTP.
extension EventsAPI {
    func addTopics(to router: AccessRoutes) {
        router.reading("limit", "epoch", "offset").get("history/**") { request, context in
            let topic = try topic(request, context)
            try require(.subscribe, topic, context)
            let since = try since(request)
            let limit = try limit(request)
            await hub.open(topic)
            let recovery: Recovery?
            do {
                recovery = try await hub.history(of: topic, since: since, limit: limit)
            } catch {
                throw Self.unavailable("The history could not be read; try again later.")
            }
            return Response(
                jsonBytes: JSONWriter.object { TopicViews.write(recovery, of: topic, since: since, to: &$0) }
            )
        }
        router.get("state/**") { request, context in
            let topic = try topic(request, context)
            try require(.subscribe, topic, context)
            await hub.open(topic)
            let snapshot = hub.snapshot(of: topic)
            return Response(jsonBytes: JSONWriter.object { TopicViews.write(snapshot, of: topic, to: &$0) })
        }
        router.get("presence/**") { request, context in
            let topic = try topic(request, context)
            try require(.presence, topic, context)
            let members = hub.members(of: topic)
            return Response(jsonBytes: JSONWriter.object { TopicViews.write(members, of: topic, to: &$0) })
        }
    }

    private func limit(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["limit"] else { return 100 }
        guard let limit = UInt(text) else {
            throw APIFailure.invalid(.init(["query", "limit"], "int_parsing", "limit must be a whole number from 0."))
        }
        return min(Int(clamping: limit), 1000)
    }

    private func since(_ request: Request) throws -> Position? {
        let query = request.uri.queryParameters
        guard let epoch = query["epoch"] else {
            guard query["offset"] == nil else {
                throw APIFailure.invalid(
                    .init(["query", "epoch"], "missing", "Give the epoch that the offset belongs to.")
                )
            }
            return nil
        }
        guard let text = query["offset"] else {
            throw APIFailure.invalid(
                .init(["query", "offset"], "missing", "Give the offset that belongs to the epoch.")
            )
        }
        guard let offset = UInt64(text) else {
            throw APIFailure.invalid(
                .init(["query", "offset"], "int_parsing", "offset must be a whole number from 0.")
            )
        }
        return Position(epoch: String(epoch), offset: offset)
    }
}
