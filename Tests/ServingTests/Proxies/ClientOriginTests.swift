import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Settings
import Telemetry
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct ClientOriginTests {
    private static let forwardedFor = HTTPField.Name.constant("x-forwarded-for")

    private func withServer(
        proxies: [String],
        isKeyless: Bool,
        perAddress: Int = 10,
        trusted: [String] = [],
        _ body: @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let register = ConnectionRegister(
            total: 100,
            perAddress: perAddress,
            reserve: 1,
            proxies: proxies.compactMap { AddressRange($0) }
        )
        var sources = SettingsSources()
        (sources.file, sources.dotEnv) = (nil, nil)
        sources.assignments = ["http.cors_origins=https://known.example"]
        let settings = SettingsStore(try Settings.load(from: sources))
        let router = Router(context: ServingContext.self)
        router.addMiddleware {
            RequestScope(listener: "test", logger: logger, metrics: PrometheusRegistry())
            ClientOrigin(
                connections: register,
                forThisMachineOnly: isKeyless,
                trusted: trusted.compactMap { AddressRange($0) }
            )
            CrossOrigin(settings: settings, forThisMachineOnly: isKeyless)
        }
        router.get("trust") { _, context in "\(context.trust)" }
        router.get("who") { _, context in context.clientAddress }
        try await Application(router: router, logger: logger).test(.live, body)
    }

    @Test func `a proxy that is known says where a request comes from`() async throws {
        try await withServer(proxies: ["127.0.0.0/8", "::1"], isKeyless: true) { client in
            let fields: HTTPFields = [Self.forwardedFor: "1.1.1.1, 203.0.113.9"]
            try await client.execute(uri: "/who", method: .get, headers: fields) { response in
                #expect(String(buffer: response.body) == "203.0.113.9")
            }
            try await client.execute(uri: "/who", method: .get) { response in
                #expect(["127.0.0.1", "::1"].contains(String(buffer: response.body)))
            }
            let contradiction: HTTPFields = [
                Self.forwardedFor: "203.0.113.9", .constant("forwarded"): "for=203.0.113.10",
            ]
            try await client.execute(uri: "/who", method: .get, headers: contradiction) { response in
                #expect(response.status == .badRequest)
                #expect(String(buffer: response.body).contains("X-Forwarded-For"))
            }
        }
    }

    @Test(arguments: ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"])
    func `a server without keys refuses what came through a proxy that it does not know`(name: String) async throws {
        try await withServer(proxies: ["10.0.0.0/8"], isKeyless: true) { client in
            try await client.execute(uri: "/who", method: .get, headers: [.constant(name): "for=10.0.0.1"]) {
                response in
                #expect(response.status == .forbidden)
                #expect(String(buffer: response.body).contains("http.trusted_proxies"))
            }
            try await client.execute(uri: "/who", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test func `a server with keys takes no notice of what strangers say about themselves`() async throws {
        try await withServer(proxies: [], isKeyless: false) { client in
            try await client.execute(uri: "/who", method: .get, headers: [Self.forwardedFor: "203.0.113.9"]) {
                response in
                #expect(response.status == .ok)
                #expect(["127.0.0.1", "::1"].contains(String(buffer: response.body)))
            }
        }
    }

    @Test(
        arguments: [
            // The client is in a network, behind a proxy or not.
            (["127.0.0.0/8", "::1"], [], [:], "network"), (["10.0.0.0/8"], [], [:], "none"),
            (["10.0.0.0/8"], ["127.0.0.0/8", "::1"], ["x-forwarded-for": "10.1.2.3"], "network"),
            (["10.0.0.0/8"], ["127.0.0.0/8", "::1"], ["x-forwarded-for": "::ffff:10.1.2.3"], "network"),
            (["10.0.0.0/8"], ["127.0.0.0/8", "::1"], ["x-forwarded-for": "10.1.2.3, 203.0.113.9"], "none"),
            // A proxy in a network does not open it to all others.
            (["127.0.0.0/8", "::1"], ["127.0.0.0/8", "::1"], [:], "none"),
            (["127.0.0.0/8", "::1"], ["127.0.0.0/8", "::1"], ["x-forwarded-for": "unknown"], "none"),
            (["127.0.0.0/8", "::1"], ["127.0.0.0/8", "::1"], ["x-real-ip": "10.0.0.1"], "none"),
            (["127.0.0.0/8", "::1"], ["10.0.0.0/8"], ["x-forwarded-for": "127.0.0.1"], "none"),
            (["127.0.0.0/8", "::1"], [], ["via": "1.1 somebody"], "none"),
        ] as [([String], [String], [String: String], String)]
    )
    func `a client in a trusted network is known by its own address only`(
        trusted: [String],
        proxies: [String],
        fields: [String: String],
        trust: String
    ) async throws {
        try await withServer(proxies: proxies, isKeyless: false, trusted: trusted) { client in
            var headers = HTTPFields()
            for (name, value) in fields { headers[.constant(name)] = value }
            try await client.execute(uri: "/trust", method: .get, headers: headers) { response in
                #expect(String(buffer: response.body) == trust)
            }
        }
    }

    @Test func `a client behind a proxy has a place for each of its requests, given back with the answer`() throws {
        let requests = RequestsByAddress(limit: 2)
        let address = try #require(IPAddress("203.0.113.9"))
        var places = [requests.take(address), requests.take(address)]
        #expect(places.allSatisfy { $0 != nil })
        #expect(requests.take(address) == nil)
        let other = try #require(IPAddress("203.0.113.10"))
        #expect(requests.take(other) != nil)
        let body = try #require(places[0]).held(by: ResponseBody { _ in })
        places = []
        // The body that is still to be written holds one.
        places = [requests.take(address)]
        #expect(places[0] != nil && requests.take(address) == nil)
        withExtendedLifetime(body) {}
    }
}
