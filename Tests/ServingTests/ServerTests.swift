import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Settings
import Telemetry
import Testing

@testable import Serving

/// A small server with all the middleware, on a real connection.
@Suite(.timeLimit(.minutes(5))) struct ServerTests {
    private func withServer(
        _ settings: [String: SettingValue] = [:],
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        let registry = PrometheusRegistry()
        let router = Router(context: ServingContext.self)
        let scope = RequestScope(listener: "test", logger: Logger(label: "test"), metrics: registry)
        let store = SettingsStore(try LoadedSettings.of(settings))
        router.addMiddleware {
            scope
            CrossOrigin(settings: store, forThisMachineOnly: true)
        }
        router.get("fine") { _, context in Response(json: ["id": .string(context.requestID.description)]) }
        router.post("fine/{name}") { request, _ in
            Response(json: ["count": .number(Double(try await request.bytes(limit: 10).count))])
        }
        router.post("below/**") { _, _ in Response(json: [:]) }
        router.get("broken") { _, _ -> Response in throw CancellationError() }
        router.get("v1/broken") { _, _ -> Response in
            throw APIFailure.invalid(.init(["body", "voice"], "missing", "A voice is expected."))
        }
        scope.know(RouteTable(router))
        try await Application(router: router).test(.live, body)
    }

    @Test func `a well-formed request id is kept and any other replaced`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/fine", method: .get, headers: [.requestID: "abc-123"]) { response in
                #expect(response.headers[.requestID] == "abc-123")
            }
            try await client.execute(uri: "/fine", method: .get, headers: [.requestID: "a b"]) { response in
                #expect(response.headers[.requestID] != "a b")
                #expect(response.headers[.requestID]?.isEmpty == false)
            }
        }
    }

    @Test func `an unknown path is 404 and an unknown method 405 with the known ones`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/nothing", method: .get) { #expect($0.status == .notFound) }
            try await client.execute(uri: "/fine", method: .delete) { response in
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET")
            }
            try await client.execute(uri: "/fine/x", method: .get) { response in
                #expect(response.headers[.allow] == "POST")
            }
            for path in ["/below/x", "/below/x/y/z"] {
                try await client.execute(uri: path, method: .get) { response in
                    #expect(response.status == .methodNotAllowed)
                    #expect(response.headers[.allow] == "POST")
                }
            }
            try await client.execute(uri: "/below", method: .get) { #expect($0.status == .notFound) }
        }
    }

    @Test func `errors come in the shape of their API and give nothing of the inside away`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/broken", method: .get) { response in
                #expect(response.status == .internalServerError)
                let body = String(buffer: response.body)
                #expect(body.contains("\"detail\"") && body.contains("\"request_id\""))
                #expect(!body.contains("CancellationError"))
            }
            try await client.execute(uri: "/v1/broken", method: .get) { response in
                #expect(response.status == .unprocessableContent)
                #expect(String(buffer: response.body).contains("\"param\":\"voice\""))
            }
        }
    }

    @Test func `a body larger than allowed is 413 and the next request is served`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/fine/x", method: .post, body: ByteBuffer(repeating: 1, count: 11)) {
                #expect($0.status == .contentTooLarge)
            }
            try await client.execute(uri: "/fine", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test(arguments: [
        ("evil.example:8004", false), ("127.evil.example", false), ("localhost.evil.example", false),
        ("[::2]:8004", false),
        ("127.0.0.1.evil.example", false), ("", false), ("localhost:8004", true), ("LOCALHOST", true),
        ("127.0.0.1", true),
        ("127.1.2.3:80", true), ("[::1]:8004", true), ("good.example", true),
    ])
    func `only this machine's own names and those of allowed origins are known`(host: String, isKnown: Bool) throws {
        let settings = SettingsStore(try LoadedSettings.of(["http.cors_origins": ["https://good.example"]]))
        #expect(CrossOrigin(settings: settings, forThisMachineOnly: true).isKnown(host) == isKnown)
    }

    @Test(arguments: [
        ("https://voice.example:8004", true, true), ("HTTPS://voice.example:8004", true, true),
        ("http://voice.example:8004", true, false), ("https://voice.example:8004", false, true),
        ("http://voice.example:8004", false, true), ("https://voice.example", true, false),
        ("http://localhost:3000", true, true),
    ])
    func `over TLS a page in the clear is none of the server's own`(
        origin: String,
        isSecure: Bool,
        isAllowed: Bool
    ) throws {
        let origins = CrossOrigin(settings: SettingsStore(try LoadedSettings.of([:])), forThisMachineOnly: false)
        #expect(origins.isAllowed(origin, host: "voice.example:8004", isSecure: isSecure) == isAllowed)
    }

    @Test func `pages of other origins are kept out unless they are allowed`() async throws {
        try await withServer(["http.cors_origins": ["https://good.example"]]) { client in
            try await client.execute(uri: "/fine", method: .get, headers: [.origin: "https://evil.example"]) {
                #expect($0.status == .forbidden)
            }
            try await client.execute(uri: "/fine", method: .get, headers: [.origin: "https://good.example"]) {
                #expect($0.status == .ok)
                #expect($0.headers[.accessControlAllowOrigin] == "https://good.example")
            }
            try await client.execute(uri: "/fine", method: .get, headers: [.origin: "http://localhost:3000"]) {
                #expect($0.status == .ok)
            }
            // A page may read refusals too.
            for (path, method, status) in [("/nothing", .get, .notFound), ("/fine", .delete, .methodNotAllowed)]
                as [(String, HTTPRequest.Method, HTTPResponse.Status)]
            {
                let headers: HTTPFields = [.origin: "https://good.example"]
                try await client.execute(uri: path, method: method, headers: headers) {
                    #expect($0.status == status)
                    #expect($0.headers[.accessControlAllowOrigin] == "https://good.example")
                    #expect($0.headers[.allow] == (status == .methodNotAllowed ? "GET" : nil))
                }
            }
            let preflight: HTTPFields = [.origin: "https://good.example", .accessControlRequestMethod: "POST"]
            try await client.execute(uri: "/fine", method: .options, headers: preflight) {
                #expect($0.status == .noContent)
            }
        }
    }
}

extension LoadedSettings {
    /// Settings with these values.
    static func of(_ values: [String: SettingValue]) throws -> LoadedSettings {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = values.map { "\($0)=\($1.json(pretty: false))" }
        return try Settings.load(from: sources)
    }
}
