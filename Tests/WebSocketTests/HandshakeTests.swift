import Testing

@testable import WebSocket

@Suite struct HandshakeTests {
    private let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private var headers: [String: String] {
        [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
        ]
    }

    private func failure(method: String = "GET", _ changes: [String: String?] = [:]) -> HandshakeFailure? {
        let headers = changes.reduce(into: headers) { $0[$1.key] = $1.value }
        do throws(HandshakeFailure) {
            _ = try Handshake.check(method: method) { headers[$0] }
            return nil
        } catch {
            return error
        }
    }

    @Test func `the accept key is the standard's`() {
        #expect(Handshake.acceptKey(for: key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `a right request passes with what it asks for`() throws {
        let headers = headers.merging([
            "Upgrade": "h2c , WebSocket", "Connection": "keep-alive, upgrade", "Sec-WebSocket-Protocol": "b ,a,, c",
            "Sec-WebSocket-Extensions": "permessage-deflate",
        ]) { $1 }
        let request = try Handshake.check(method: "GET") { headers[$0] }
        #expect(request.key == key)
        #expect(request.protocols == ["b", "a", "c"])
        #expect(request.extensions == "permessage-deflate")
        #expect(Handshake.chooseProtocol(offered: request.protocols, supported: ["a", "b"]) == "b")
        #expect(Handshake.chooseProtocol(offered: request.protocols, supported: ["x"]) == nil)
        let response = request.responseHeaders(subprotocol: "b", extensions: "permessage-deflate")
        #expect(
            response.map(\.name) == [
                "Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions",
            ]
        )
        #expect(response[2].value == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func `other methods are refused`() {
        #expect(failure(method: "POST") == .method("POST"))
        #expect(failure(method: "get") == .method("get"))
        #expect(failure(method: "POST")?.status == 405)
    }

    @Test func `requests without the upgrade are refused with the way to it`() {
        for changes in [["Upgrade": nil], ["Upgrade": "h2c"], ["Connection": nil], ["Connection": "close"]] {
            #expect(failure(changes) == .noUpgrade)
        }
        #expect(HandshakeFailure.noUpgrade.status == 426)
        #expect(HandshakeFailure.noUpgrade.headers.contains { $0 == ("Upgrade", "websocket") })
    }

    @Test func `other versions are refused with the right one`() {
        for version in [nil, "8", "13, 8", "013"] {
            let failure = failure(["Sec-WebSocket-Version": version])
            #expect(failure == .version(version))
            #expect(failure?.status == 426)
            #expect(failure?.headers.contains { $0 == ("Sec-WebSocket-Version", "13") } == true)
        }
        #expect(failure(["Sec-WebSocket-Version": " 13"]) == nil)
    }

    @Test(arguments: [
        nil, "", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=a", "dGhlIHNhbXBsZSBub25jZ===", "c2hvcnQ=",
        "dGhlIHNhbXBsZSBub25jZSB0b28gbG9uZw==", "dGhlIHNhbXBsZSBub2*jZQ==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
    ])
    func `a key must be 16 bytes in Base64`(key: String?) {
        #expect(failure(["Sec-WebSocket-Key": key]) == .key)
        #expect(HandshakeFailure.key.status == 400)
    }

    @Test func `failures are sentences`() {
        for failure in [HandshakeFailure.method("PUT"), .noUpgrade, .version(nil), .version("8"), .key] {
            #expect(failure.description.hasSuffix("."))
        }
        #expect(HandshakeFailure.version(String(repeating: "8", count: 9999)).description.count < 120)
    }
}

@Suite struct ClientHandshakeTests {
    private let handshake = ClientHandshake(
        key: "dGhlIHNhbXBsZSBub25jZQ==",
        protocols: ["events.v2", "events.v1"],
        compression: CompressionOptions()
    )

    private func outcome(
        status: Int = 101,
        _ changes: [String: String?] = [:]
    ) -> Result<(subprotocol: String?, compression: CompressionParameters?), ClientHandshakeFailure> {
        let right = [
            "Upgrade": "WebSocket", "Connection": "upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        ]
        let headers = changes.reduce(into: right) { $0[$1.key] = $1.value }
        do throws(ClientHandshakeFailure) {
            return .success(try handshake.check(status: status) { headers[$0] })
        } catch {
            return .failure(error)
        }
    }

    private func failure(status: Int = 101, _ changes: [String: String?] = [:]) -> ClientHandshakeFailure? {
        if case .failure(let failure) = outcome(status: status, changes) { failure } else { nil }
    }

    @Test func `the request passes the server's check`() throws {
        let client = ClientHandshake(protocols: ["a"], compression: CompressionOptions())
        let headers = Dictionary(uniqueKeysWithValues: client.requestHeaders.map { ($0.name, $0.value) })
        let request = try Handshake.check(method: "GET") { headers[$0] }
        #expect(request.key == client.key && request.protocols == ["a"])
        let (parameters, extensions) = try #require(CompressionParameters.negotiate(offers: request.extensions))
        let response = Dictionary(
            uniqueKeysWithValues: request.responseHeaders(subprotocol: "a", extensions: extensions).map {
                ($0.name, $0.value)
            }
        )
        let accepted = try client.check(status: 101) { response[$0] }
        #expect(accepted.subprotocol == "a")
        #expect(accepted.compression == parameters)
    }

    @Test func `every handshake has its own key`() {
        #expect(Set((0..<20).map { _ in ClientHandshake().key }).count == 20)
        #expect(ClientHandshake().requestHeaders.count == 4)
    }

    @Test func `a right response passes`() throws {
        #expect(try outcome().get().subprotocol == nil)
        #expect(try outcome().get().compression == nil)
        let full = try outcome([
            "Sec-WebSocket-Protocol": "events.v1",
            "Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover",
        ]).get()
        #expect(full.subprotocol == "events.v1")
        #expect(full.compression?.serverNoContextTakeover == true)
    }

    @Test func `wrong responses are refused`() {
        #expect(failure(status: 200) == .status(200))
        #expect(failure(["Upgrade": nil]) == .noUpgrade)
        #expect(failure(["Upgrade": "h2c"]) == .noUpgrade)
        #expect(failure(["Connection": "close"]) == .noUpgrade)
        #expect(failure(["Sec-WebSocket-Accept": nil]) == .acceptKey)
        #expect(failure(["Sec-WebSocket-Accept": "AAAALMBiTxaQ9kYGzzhZRbK+xOo="]) == .acceptKey)
        #expect(failure(["Sec-WebSocket-Protocol": "other"]) == .subprotocol("other"))
        #expect(failure(["Sec-WebSocket-Protocol": "events.v1, events.v2"]) == .subprotocol("events.v1, events.v2"))
        #expect(failure(["Sec-WebSocket-Extensions": "x-other"]) == .extensions("x-other"))
        // The offer demands that the server gives up its context.
        #expect(failure(["Sec-WebSocket-Extensions": "permessage-deflate"]) == .extensions("permessage-deflate"))
    }

    @Test func `an extension without an offer is refused`() {
        let plain = ClientHandshake(key: handshake.key, protocols: [], compression: nil)
        let headers = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
            "Sec-WebSocket-Extensions": "permessage-deflate",
        ]
        #expect(throws: ClientHandshakeFailure.extensions("permessage-deflate")) {
            try plain.check(status: 101) { headers[$0] }
        }
    }
}
