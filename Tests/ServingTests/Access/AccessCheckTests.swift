import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Settings
import Storage
import Telemetry
import Testing

@testable import Serving

/// A server that asks for keys, on a real connection.
@Suite(.timeLimit(.minutes(5))) struct AccessCheckTests {
    private struct TokenAnswer: Decodable {
        var token, expires_at: String
        var expires_in: Int
    }

    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func withServer(
        asksForKeys: Bool = true,
        _ body: @escaping @Sendable (any TestClientProtocol, APIKeyStore) async throws -> Void
    ) async throws {
        try await withStore { store in
            let authenticator =
                asksForKeys ? try await Authenticator(keys: store.apiKeys, secrets: store.secrets) : nil
            var sources = SettingsSources()
            sources.file = nil
            sources.dotEnv = nil
            sources.assignments = ["auth.max_token_ttl=2h", "auth.token_ttl=30m"]
            let settings = SettingsStore(try Settings.load(from: sources))
            let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
            let routes = ListenerRoutes(router)
            router.addMiddleware {
                RequestScope(listener: "test", logger: silent, metrics: PrometheusRegistry())
                AccessCheck(authenticator: authenticator, table: routes.table)
            }
            for (path, part) in [
                ("state/{topic}", routes.topics), ("tts", routes.needing(.speech)), ("health", routes.open),
                ("v1/models", routes.needing(.speech, .chat)), ("v1/chat", routes.needing(.chat)),
                ("metrics", routes.needing(.metrics)), ("config/current", routes.needing(.configuration)),
                ("broadcast", routes.needing(.administration)), ("stats", routes.needing(.events)),
            ] as [(RouterPath, AccessRoutes)] {
                part.get(path) { _, context in
                    Response(json: ["who": .string("\(context.identity.name ?? "\(context.identity.kind)")")])
                }
            }
            router.get("forgotten") { _, _ in Response(json: [:]) }
            #expect(routes.undeclared == ["GET /forgotten"])
            TokenRoutes(authenticator: authenticator, settings: settings).addRoutes(to: routes)
            let keys = store.apiKeys
            try await Application(router: router, logger: silent).test(.live) { try await body($0, keys) }
        }
    }

    private func who(
        _ client: any TestClientProtocol,
        _ uri: String,
        _ headers: HTTPFields = [:]
    ) async throws -> String {
        try await client.execute(uri: uri, method: .get, headers: headers) { response in
            guard response.status == .ok else { return "\(response.status.code)" }
            return try JSONDecoder().decode([String: String].self, from: Data(response.body.readableBytesView))["who"]
                ?? ""
        }
    }

    private func mint(
        _ client: any TestClientProtocol,
        key: String,
        _ body: String
    ) async throws -> (status: Int, answer: TokenAnswer?) {
        try await client.execute(
            uri: "/auth/token",
            method: .post,
            headers: [.authorization: "Bearer \(key)"],
            body: ByteBuffer(string: body)
        ) { response in
            (
                response.status.code,
                try? JSONDecoder().decode(TokenAnswer.self, from: Data(response.body.readableBytesView))
            )
        }
    }

    @Test func `a key opens everything, by either header`() async throws {
        try await withServer { client, keys in
            let issued = try await keys.add(name: "peer")
            for path in ["/tts", "/state/x"] {
                #expect(try await who(client, path) == "401")
                #expect(try await who(client, path, [.authorization: "Bearer \(issued.key)"]) == "peer")
                #expect(try await who(client, path, [.authorization: "bearer \(issued.key)"]) == "peer")
                #expect(try await who(client, path, [.apiKey: issued.key]) == "peer")
                #expect(try await who(client, path, [.authorization: "Basic \(issued.key)"]) == "401")
                #expect(try await who(client, path, [.authorization: "Bearer wrong"]) == "401")
                #expect(try await who(client, path, [.secWebSocketProtocol: "bearer.\(issued.key)"]) == "401")
                // A page that opens a WebSocket can set nothing else.
                let handshake: HTTPFields = [
                    .upgrade: "websocket", .secWebSocketProtocol: "antiphon, bearer.\(issued.key)",
                ]
                #expect(try await who(client, path, handshake) != "401")
                #expect(try await who(client, path + "?access_token=\(issued.key)") == "401")
            }
            #expect(try await who(client, "/health") == "unidentified")
            try await keys.revoke(issued.record.id)
            #expect(try await who(client, "/tts", [.apiKey: issued.key]) == "401")
        }
    }

    @Test func `a key reaches the routes of its scopes and no others`() async throws {
        let routes: [(path: String, scopes: Set<AccessScope>)] = [
            ("/tts", [.speech]), ("/v1/models", [.speech, .chat]), ("/v1/chat", [.chat]), ("/stats", [.events]),
            ("/state/x", [.events]), ("/metrics", [.metrics]), ("/config/current", [.configuration]),
            ("/broadcast", [.administration]),
        ]
        try await withServer { client, keys in
            for scope in AccessScope.allCases {
                let key = try await keys.add(name: scope.rawValue, scopes: [scope.rawValue]).key
                for (path, scopes) in routes {
                    let expected = scopes.contains(scope) ? scope.rawValue : "403"
                    #expect(try await who(client, path, [.apiKey: key]) == expected, "\(scope) \(path)")
                }
                #expect(try await who(client, "/health", [.apiKey: key]) == "unidentified")
                #expect(try await who(client, "/nothing", [.apiKey: key]) == "404")
                #expect(try await mint(client, key: key, "{}").status == (scope == .events ? 200 : 403))
            }
            // One that was made for topics before there were scopes.
            let key = try await keys.add(name: "old", scopes: ["publish:training/*"]).key
            for (path, scopes) in routes {
                #expect(try await who(client, path, [.apiKey: key]) == (scopes == [.events] ? "old" : "403"), "\(path)")
            }
        }
    }

    @Test func `HEAD needs what GET needs`() async throws {
        try await withServer { client, keys in
            let key = try await keys.add(name: "a", scopes: ["chat"]).key
            for (path, status) in [("/tts", HTTPResponse.Status.forbidden), ("/v1/chat", .ok), ("/health", .ok)] {
                try await client.execute(uri: path, method: .head, headers: [.apiKey: key]) {
                    #expect($0.status == status, "\(path)")
                }
            }
        }
    }

    @Test func `a route that does not say who may use it is closed to everybody`() async throws {
        try await withServer { client, keys in
            let key = try await keys.add(name: "a").key
            #expect(try await who(client, "/forgotten") == "401")
            #expect(try await who(client, "/forgotten", [.apiKey: key]) == "403")
        }
    }

    @Test func `a refusal names the scope and how to make a key with it, in the shape of the API`() async throws {
        try await withServer { client, keys in
            let key = try await keys.add(name: "a", scopes: ["metrics"]).key
            try await client.execute(uri: "/tts", method: .get, headers: [.apiKey: key]) { response in
                let body = try JSONValue(parsing: Array(response.body.readableBytesView))
                let words =
                    "The API key is not for speech; make one that is with antiphon keys add NAME --scope speech."
                #expect(body.members?["detail"] == .string(words))
                #expect(response.headers[.wwwAuthenticate] == #"Bearer error="insufficient_scope", scope="speech""#)
            }
            try await client.execute(uri: "/v1/models", method: .get, headers: [.apiKey: key]) { response in
                let error = try JSONValue(parsing: Array(response.body.readableBytesView)).members?["error"]?.members
                #expect(error?["type"] == "permission_error" && error?["code"] == "forbidden")
                guard case .string(let message)? = error?["message"] else {
                    Issue.record("no message")
                    return
                }
                #expect(message.contains("not for speech or chat"))
            }
        }
    }

    @Test func `a refusal says what is missing`() async throws {
        try await withServer { client, _ in
            try await client.execute(uri: "/tts", method: .get) { response in
                #expect(response.status == .unauthorized)
                #expect(response.headers[.wwwAuthenticate] == "Bearer")
                #expect(String(buffer: response.body).contains("An API key is needed"))
            }
            try await client.execute(uri: "/tts", method: .get, headers: [.authorization: "Bearer x"]) { response in
                #expect(String(buffer: response.body).contains("The API key is not valid"))
            }
        }
    }

    @Test func `a token opens topics by header, subprotocol and address, and nothing else`() async throws {
        try await withServer { client, keys in
            let issued = try await keys.add(name: "peer")
            let token = try #require(try await mint(client, key: issued.key, #"{"name":"page"}"#).answer?.token)
            #expect(try await who(client, "/state/x", [.authorization: "Bearer \(token)"]) == "page")
            #expect(try await who(client, "/state/x", [.secWebSocketProtocol: "antiphon, bearer.\(token)"]) == "page")
            #expect(try await who(client, "/state/x?a=b&access_token=\(token)") == "page")
            #expect(try await who(client, "/state/x", [.apiKey: token]) == "401")
            #expect(try await who(client, "/state/x", [.authorization: "Bearer \(token)x"]) == "401")
            for path in ["/tts", "/tts?access_token=\(token)", "//tts", "/stats", "/v1/models", "/statex", "/nothing"] {
                #expect(try await who(client, path, [.authorization: "Bearer \(token)"]) == "403", "\(path)")
            }
            // Not with a token.
            #expect(try await mint(client, key: token, "{}").status == 403)
            try await keys.revoke(issued.record.id)
            #expect(try await who(client, "/state/x", [.authorization: "Bearer \(token)"]) == "401")
        }
    }

    @Test func `a token is made as asked`() async throws {
        try await withServer { client, keys in
            let key = try await keys.add(name: "peer", scopes: ["subscribe:a/*"]).key
            for (body, seconds) in [("", 1800), ("{}", 1800), (#"{"ttl":7}"#, 7), (#"{"subscribe":["*"]}"#, 1800)] {
                let made = try await mint(client, key: key, body)
                let answer = try #require(made.answer)
                #expect(made.status == 200 && answer.expires_in == seconds)
                let end = try Date(answer.expires_at, strategy: .iso8601)
                #expect(abs(end.timeIntervalSinceNow - Double(seconds)) < 60)
            }
            for (body, status) in [
                ("{", 422), ("[]", 422), (#"{"ttl":0}"#, 422), (#"{"ttl":7201}"#, 422), (#"{"ttl":1.5}"#, 422),
                (#"{"ttl":"soon"}"#, 422), (#"{"subscribe":"a"}"#, 422), (#"{"subscribe":[7]}"#, 422),
                (#"{"subscribe":["a/*/b"]}"#, 422), (#"{"name":""}"#, 422), (#"{"name":"a\u0000"}"#, 422),
                (#"{"publish":["a/b"]}"#, 403), (#"{"subscribe":["b"]}"#, 403), (#"{"subscribe":[]}"#, 403),
                (#"{"subscribe":[\#((0..<33).map { "\"a/\($0)\"" }.joined(separator: ","))]}"#, 422),
                (String(repeating: " ", count: 70_000) + "{}", 413),
            ] {
                #expect(try await mint(client, key: key, body).status == status, "\(body.prefix(40))")
            }
            #expect(try await mint(client, key: "wrong", "{}").status == 401)
        }
    }

    @Test func `a server that asks nobody for a key lets all in and needs no token`() async throws {
        try await withServer(asksForKeys: false) { client, _ in
            let made = try await mint(client, key: "none", "{}")
            #expect(made.status == 409)
            #expect(try await who(client, "/tts") == "open")
            #expect(try await who(client, "/state/x", [.authorization: "Bearer none"]) == "open")
        }
    }

    @Test func `a token in the address is not logged`() async throws {
        let lines = LogLines()
        let logger = Logger(label: "test") { _ in lines }
        try await withStore { store in
            let authenticator = try await Authenticator(keys: store.apiKeys, secrets: store.secrets)
            let router = Router(context: ServingContext.self)
            let routes = ListenerRoutes(router)
            router.addMiddleware {
                RequestScope(listener: "test", logger: logger, metrics: PrometheusRegistry())
                AccessCheck(authenticator: authenticator, table: routes.table)
            }
            routes.topics.get("state/{topic}") { _, _ -> Response in throw CancellationError() }
            routes.topics.get("history/{topic}") { _, _ -> Response in
                throw APIFailure(.internalServerError, .processingFailed, "x")
            }
            let key = try await store.apiKeys.add(name: "peer").record.id
            let token = try authenticator.issue(TokenRequest(ttl: .seconds(60)), key: key).text
            try await Application(router: router, logger: logger).test(.live) { client in
                for path in ["/state/x", "/history/x", "/nothing", "/ws"] {
                    for text in [token, token + "x"] {
                        try await client.execute(uri: "\(path)?access_token=\(text)", method: .get) { _ in }
                    }
                }
            }
            #expect(!lines.all.isEmpty)
            #expect(!lines.all.contains { $0.contains(token.suffix(20)) })
        }
    }
}
