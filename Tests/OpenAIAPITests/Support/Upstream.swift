import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Serving
import Synchronization

@testable import OpenAIAPI

/// A model server on a free port of this machine that does with each request what a test says.
struct Upstream {
    /// A request as it arrived.
    struct Arrived: Sendable {
        var headers: HTTPFields
        var body: String
    }

    /// What arrived, in order.
    final class Log: Sendable {
        let requests = Mutex<[Arrived]>([])
        var all: [Arrived] { requests.withLock { $0 } }
    }

    /// Starts the server and gives the settings that point at it.
    static func run(
        _ answer: @escaping @Sendable (ServingContext) async throws -> Response,
        _ test: @Sendable (_ settings: [String], _ log: Log) async throws -> Void
    ) async throws {
        let log = Log()
        let router = Router(context: ServingContext.self)
        for path in ["/v1/chat/completions", "/v1/audio/speech", "/v1/audio/transcriptions"] as [RouterPath] {
            router.post(path) { request, context in
                var request = request
                let body = try await request.collectBody(upTo: 1 << 24)
                log.requests.withLock { $0.append(Arrived(headers: request.headers, body: String(buffer: body))) }
                return try await answer(context)
            }
        }
        let app = Application(router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)))
        try await app.test(.live) { client in
            let port = client.port ?? 0
            try await test(["model.url=http://127.0.0.1:\(port)/v1/", "model.key=upstream-key"], log)
        }
    }
}

extension ServingContext {
    /// Waits until the client has gone away; calls `ready` once that would be noticed.
    func clientIsGone(_ ready: () -> Void) async {
        let watch = ClientWatch(channel)
        ready()
        _ = try? await watch.run { try await Task.sleep(for: .seconds(3600)) }
    }
}
