import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import Serving
import Testing

@testable import OpenAIAPI

/// Chats passed on to a model server.
@Suite(.timeLimit(.minutes(5)))
struct ChatPassThroughTests {
    private static let path = "/v1/chat/completions"
    private static let body =
        #"{ "model":"x", "seed": 12345678901234567890, "messages":[{"role":"user","content":"Hi."}] }"#

    private static func answer(_ text: String, _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:])
        -> Response
    {
        var headers = headers
        headers[.contentType] = headers[.contentType] ?? "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    @Test func `request and answer pass byte for byte, with our key and not the client's`() async throws {
        try await Upstream.run { _ in
            Self.answer(#"{ "id": 1 }"#)
        } _: { settings, log in
            try await TestServer(settings: settings + ["model.name=smollm2"]).run { client in
                let response = try await client.post(
                    Self.path,
                    Self.body,
                    headers: [.authorization: "Bearer client-key", .cookie: "a=b"]
                )
                #expect(response.status == .ok)
                #expect(response.text == #"{ "id": 1 }"#)
                #expect(response.headers[.contentType] == "application/json")
            }
            let request = try #require(log.all.first)
            #expect(request.body == Self.body)
            #expect(request.headers[.authorization] == "Bearer upstream-key")
            #expect(request.headers[.cookie] == nil)
            #expect(request.headers[.contentType] == "application/json")
        }
    }

    @Test(arguments: [#""model": "antiphon", "#, #""model": null, "#, ""])
    func `our own name for the model becomes the server's`(model: String) async throws {
        try await Upstream.run { _ in
            Self.answer("{}")
        } _: { settings, log in
            try await TestServer(settings: settings + ["model.name=smollm2"]).run { client in
                _ = try await client.post(Self.path, "{\(model)\"messages\": []}")
            }
            #expect(log.all.first?.body == #"{"messages":[],"model":"smollm2"}"#)
        }
    }

    @Test(arguments: ["", "<html>Busy</html>", "[1]", #"{"id": "#])
    func `an answer that is no object is one of a broken server`(text: String) async throws {
        try await Upstream.run { _ in
            Self.answer(text)
        } _: { settings, _ in
            try await TestServer(settings: settings + ["model.name=smollm2"]).run { client in
                try await client.post(Self.path, Self.body).expectRefusal(.badGateway)
            }
        }
    }

    @Test func `events pass as they are`() async throws {
        let events = ": warming up\n\ndata: {\"choices\":[]}\r\n\r\ndata: [DONE]\n\n"
        try await Upstream.run { _ in
            Self.answer(events, headers: [.contentType: "text/event-stream"])
        } _: { settings, _ in
            try await TestServer(settings: settings).run { client in
                let response = try await client.post(Self.path, json: ["stream": true, "messages": []])
                #expect(response.headers[.contentType] == "text/event-stream")
                #expect(response.text == events)
            }
        }
    }

    @Test func `what is no object is refused before it is passed on`() async throws {
        try await Upstream.run { _ in
            Self.answer("{}")
        } _: { settings, log in
            try await TestServer(settings: settings + ["http.max_body_bytes=2000"]).run { client in
                for text in ["", "{", "[]", "null"] { try await client.post(Self.path, text).expectRefusal() }
                try await client.post(Self.path, String(repeating: " ", count: 2001)).expectRefusal(.contentTooLarge)
            }
            #expect(log.all.isEmpty)
        }
    }

    @Test(arguments: [false, true])
    func `a redirect is not followed`(isStreamed: Bool) async throws {
        let headers: HTTPFields = [.location: "http://127.0.0.1:9/"]
        try await Upstream.run { _ in
            Self.answer("", .temporaryRedirect, headers: headers)
        } _: { settings, _ in
            try await TestServer(settings: settings).run { client in
                try await client.post(Self.path, json: ["stream": .bool(isStreamed)]).expectRefusal(.badGateway)
            }
        }
    }

    @Test(arguments: [false, true])
    func `a server that is not there is a bad gateway`(isStreamed: Bool) async throws {
        // Port 1 of this machine is nobody's.
        try await TestServer(settings: ["model.url=http://127.0.0.1:1/v1"]).run { client in
            let response = try await client.post(Self.path, json: ["stream": .bool(isStreamed)])
            try response.expectRefusal(.badGateway)
            #expect(response.text.contains("cannot be reached"))
        }
    }

    // As servers do with connections that were quiet for too long.
    @Test func `a connection that ends just when it is used again costs no answer, and one repetition`() async throws {
        let server = try await ClosingServer.start(answers: 1)
        try await TestServer(settings: server.settings).run { client in
            for _ in 1...3 {
                let response = try await client.post(Self.path, Self.body)
                #expect(response.status == .ok)
            }
        }
        // Each connection answers once and takes a second request away; a kept connection is used where there is one.
        #expect(server.counts == .init(requests: 5, connections: 3))
        try await server.close()
    }

    // The server may have begun to answer: asked again, it would do everything twice.
    @Test(arguments: [ClosingServer.End.close, .reset, .afterPartOfAHead])
    func `a new connection that ends early is a bad gateway after one request`(end: ClosingServer.End) async throws {
        let server = try await ClosingServer.start(answers: 0, end: end)
        let test = TestServer(settings: server.settings)
        try await test.run { client in
            try await client.post(Self.path, Self.body).expectRefusal(.badGateway)
        }
        #expect(server.counts == .init(requests: 1, connections: 1))
        try await server.close()
    }

    @Test func `a kept connection that ends within the head of an answer is not used again`() async throws {
        let server = try await ClosingServer.start(answers: 1, end: .afterPartOfAHead)
        try await TestServer(settings: server.settings).run { client in
            #expect(try await client.post(Self.path, Self.body).status == .ok)
            try await client.post(Self.path, Self.body).expectRefusal(.badGateway)
        }
        #expect(server.counts == .init(requests: 2, connections: 1))
        try await server.close()
    }

    @Test(arguments: [false, true])
    func `a server that says nothing is a gateway timeout`(isStreamed: Bool) async throws {
        let upstream = HTTPClient.modelServerClient(silence: .milliseconds(200))
        let (testing, end) = AsyncStream.makeStream(of: Void.self)
        do {
            try await Upstream.run { _ in
                for await _ in testing {}
                return Self.answer("{}")
            } _: { settings, _ in
                defer { end.finish() }
                try await TestServer(settings: settings, upstream: upstream).run { client in
                    try await client.post(Self.path, json: ["stream": .bool(isStreamed)]).expectRefusal(.gatewayTimeout)
                }
            }
        } catch {
            try await upstream.shutdown()
            throw error
        }
        try await upstream.shutdown()
    }

    @Test func `a request that comes back is not passed on again`() async throws {
        try await Upstream.run { _ in
            Self.answer("{}")
        } _: { settings, log in
            try await TestServer(settings: settings).run { client in
                try await client.post(Self.path, "{}", headers: [.via: "1.1 antiphon"])
                    .expectRefusal(.init(code: 508))
                _ = try await client.post(Self.path, "{}")
            }
            #expect(log.all.map { $0.headers[.via] } == ["1.1 antiphon"])
        }
    }

    @Test(arguments: [false, true])
    func `a client that goes away ends the answer`(isStreamed: Bool) async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await Upstream.run { context in
            guard isStreamed else {
                await context.clientIsGone { happened.yield("asked") }
                happened.yield("gone")
                return Self.answer("{}")
            }
            return Response(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "data: {}\n\n"))
                    await context.clientIsGone { happened.yield("asked") }
                    happened.yield("gone")
                    try await writer.finish(nil)
                }
            )
        } _: { settings, _ in
            try await TestServer(settings: settings, setup: .live).run { client in
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port ?? 0)\(Self.path)")
                request.method = .POST
                request.headers.add(name: "content-type", value: "application/json")
                request.body = .bytes(Array(#"{"stream": \#(isStreamed)}"#.utf8))
                let asking = Task { [request] in
                    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                    for try await _ in response.body {}
                }
                var iterator = events.makeAsyncIterator()
                #expect(await iterator.next() == "asked")
                asking.cancel()
                #expect(await iterator.next() == "gone")
            }
        }
    }
}
