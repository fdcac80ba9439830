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

    @Test(arguments: [false, true], [400, 401, 404, 429, 500, 503])
    func `refusals pass with status, body and advice`(isStreamed: Bool, status: Int) async throws {
        let text = #"{"error":{"message":"no"}}"#
        let headers: HTTPFields = [.retryAfter: "7", .setCookie: "secret=1"]
        try await Upstream.run { _ in
            Self.answer(text, .init(code: status), headers: headers)
        } _: { settings, _ in
            try await TestServer(settings: settings).run { client in
                let response = try await client.post(Self.path, json: ["stream": .bool(isStreamed)])
                #expect(response.status.code == status)
                #expect(response.text == text)
                #expect(response.headers[.retryAfter] == "7")
                #expect(response.headers[.setCookie] == nil)
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
            try await client.post(Self.path, json: ["stream": .bool(isStreamed)]).expectRefusal(.badGateway)
        }
    }

    // As servers do with connections that were quiet for too long.
    @Test func `a connection that ends just when it is used again costs no answer`() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        try await TestServer(settings: ["model.url=http://127.0.0.1:\(port)/v1"]).run { client in
            for _ in 1...3 {
                let response = try await client.post(Self.path, Self.body)
                #expect(response.status == .ok)
            }
        }
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

/// Answers the first request of a connection and ends the connection at the second.
private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private var hasAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        guard !hasAnswered else { return context.close(promise: nil) }
        hasAnswered = true
        let headers: HTTPHeaders = ["content-type": "application/json", "content-length": "2"]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
