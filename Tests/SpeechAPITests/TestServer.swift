import Audio
import Dialogue
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import NIOEmbedded
import Serving
import Settings
import Speech
import Storage
import Telemetry
import WebSocket
import Testing

@testable import SpeechAPI

/// The API with fake engines and a database of its own.
struct TestServer: Sendable {
    let parts: ServerParts
    let store: Store
    /// The routes, such as `GET /health`.
    let routes: [String]
    private let responder: RouterResponder<ServingContext>

    /// What is said of the routes.
    static func document() throws -> OpenAPIDocument {
        try SpeechAPI.document().joined(with: DocumentationRoutes.document().without(path: "/metrics"))
    }

    /// Runs `test` against a server; `settings` are such as `speech.voice=joe`. Its health knows the synthesiser `tone` and
    /// those in `synthesizers`, of which it says whether they can be used.
    static func run<Value>(
        _ settings: [String] = [],
        synthesizer: any SpeechSynthesizer = ToneSynthesizer(),
        recognizer: any SpeechRecognizer = FixedRecognizer(),
        synthesizers: [String: Bool] = [:],
        canSpeak: Bool = true,
        canHear: Bool = true,
        responder: any Responder = EchoResponder(prefix: "I heard: "),
        recordings: RecordingRoom = RecordingRoom(largest: 1 << 26),
        settingsFile: URL? = nil,
        _ test: (TestServer) async throws -> Value
    ) async throws -> Value {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "antiphon-speech-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var sources = SettingsSources()
        sources.file = settingsFile?.path
        sources.dotEnv = nil
        sources.assignments = settings
        let store = try await Store.open(
            .init(path: folder.appending(path: "test.sqlite").path),
            logger: .silent
        )
        let parts = ServerParts(
            engines: try SpeechEngines(),
            voices: VoiceRegistry(Voice.fakes),
            responder: responder,
            settings: SettingsStore(try Settings.load(from: sources), from: sources),
            sessions: store.sessions,
            metrics: PrometheusRegistry(),
            state: ServerState(),
            uploads: ByteBudget(limit: 1 << 26),
            recordings: recordings
        )
        let health = EngineHealth {
            EngineReport(
                synthesizers.map { name, isThere in
                    .fake(name, .synthesizer, rate: ToneSynthesizer.sampleRate, isThere: isThere)
                } + [
                    .fake("tone", .synthesizer, rate: ToneSynthesizer.sampleRate, isThere: canSpeak),
                    .fake("fixed", .recognizer, rate: 16_000, isThere: canHear),
                    .fake("other", .recognizer, rate: 16_000),
                ],
                recognizers: "fixed",
                synthesizers: (["tone"] + synthesizers.keys).joined(separator: ",")
            )
        }
        let api = SpeechAPI(
            parts: parts,
            version: "9.8.7",
            synthesizer: synthesizer,
            recognizer: recognizer,
            voiceActivity: EverythingIsSpeech(),
            health: health,
            sockets: WebSocketServer(
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                options: WebSocketOptions(),
                maxConnections: 10,
                maxConnectionsPerAddress: 10
            )
        )
        let router = Router(context: ServingContext.self)
        let scope = RequestScope(listener: "test", logger: .silent, metrics: parts.metrics)
        router.add(middleware: scope)
        let routes = ListenerRoutes(router)
        api.addRoutes(to: routes)
        DocumentationRoutes(try Self.document().of(version: "9.8.7")).addRoutes(to: routes)
        scope.know(RouteTable(router))
        let server = TestServer(
            parts: parts,
            store: store,
            routes: router.routes.map { "\($0.method.rawValue) \($0.path.description)" },
            responder: router.buildResponder()
        )
        let value: Value
        do {
            value = try await test(server)
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
        return value
    }

    /// An answer with what tests ask of it.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: [UInt8]

        /// The body as JSON; `null` when it is none.
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Sends a request to the router.
    func send(
        _ method: HTTPRequest.Method,
        _ uri: String,
        headers: HTTPFields = [:],
        body: [UInt8]? = nil
    ) async throws -> Answer {
        try await Application(responder: responder).test(.router) { client in
            let response = try await client.executeRequest(
                uri: uri,
                method: method,
                headers: headers,
                body: body.map { ByteBuffer(bytes: $0) }
            )
            return Answer(
                status: response.status.code,
                headers: response.headers,
                body: Array(response.body.readableBytesView)
            )
        }
    }

    func get(_ uri: String, headers: HTTPFields = [:]) async throws -> Answer {
        try await send(.get, uri, headers: headers)
    }

    /// Posts JSON.
    func post(_ uri: String, _ json: JSONValue, contentType: String? = "application/json") async throws -> Answer {
        try await send(
            .post,
            uri,
            headers: contentType.map { [.contentType: $0] } ?? [:],
            body: json.bytes
        )
    }

    /// Posts a form.
    func post(_ uri: String, form: [FormPart]) async throws -> Answer {
        try await send(.post, uri, headers: [.contentType: FormPart.contentType], body: FormPart.encode(form))
    }

    /// Serves on a port of this machine while `test` runs.
    func serve(_ test: @Sendable (_ port: Int) async throws -> Void) async throws {
        try await Application(responder: responder).test(.live) { client in
            try await test(try #require(client.port))
        }
    }

    /// Asks the router and leaves the body unread.
    func respond(_ method: HTTPRequest.Method, _ uri: String, json: JSONValue) async throws -> Response {
        try await respond(method, uri, "application/json", json.bytes, on: NIOAsyncTestingChannel())
    }

    /// Asks the router on a connection of the test's own, and leaves the body unread.
    func respond(to uri: String, form: [FormPart], on channel: any Channel) async throws -> Response {
        try await respond(.post, uri, FormPart.contentType, FormPart.encode(form), on: channel)
    }

    private func respond(
        _ method: HTTPRequest.Method,
        _ uri: String,
        _ contentType: String,
        _ body: [UInt8],
        on channel: any Channel
    ) async throws -> Response {
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: "localhost",
                path: uri,
                headerFields: [.contentType: contentType]
            ),
            body: RequestBody(buffer: ByteBuffer(bytes: body))
        )
        let source = ApplicationRequestContextSource(channel: channel, logger: .silent)
        return try await responder.respond(to: request, context: ServingContext(source: source))
    }
}

/// A part of a form.
struct FormPart: Sendable {
    let name: String
    var filename: String?
    var bytes: [UInt8]

    private static let boundary = "boundary-of-a-test"
    static let contentType = "multipart/form-data; boundary=\(boundary)"

    /// The body of a form.
    static func encode(_ form: [FormPart]) -> [UInt8] {
        var body: [UInt8] = []
        for part in form {
            body += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"".utf8
            if let filename = part.filename { body += "; filename=\"\(filename)\"".utf8 }
            body += "\r\n\r\n".utf8
            body += part.bytes
            body += "\r\n".utf8
        }
        return body + Array("--\(boundary)--\r\n".utf8)
    }

    static func field(_ name: String, _ value: String) -> FormPart {
        FormPart(name: name, bytes: Array(value.utf8))
    }

    static func file(_ bytes: [UInt8], name: String = "audio_file", called filename: String = "a.wav") -> FormPart {
        FormPart(name: name, filename: filename, bytes: bytes)
    }
}

extension JSONValue {
    /// The member at a path such as `data.voices.0.id`; `null` when there is none.
    subscript(path: String) -> JSONValue {
        path.split(separator: ".").reduce(self) { value, step in
            switch value {
            case .object(let members): members[String(step)] ?? .null
            case .array(let elements): Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil } ?? .null
            default: .null
            }
        }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
}

/// A recording of one second.
func recording(_ format: AudioFormat = .wav) throws -> [UInt8] {
    try AudioEncoder.encodeWhole(.tone(.seconds(1), sampleRate: 16_000), as: format)
}

/// A recording at 1000 Hz, which no encoder makes: one of 8000 Hz that is played at another speed.
func lowRecording(_ duration: Duration) throws -> [UInt8] {
    let tone = PCM.tone(duration / 8, sampleRate: 8000)
    var bytes = try AudioEncoder.encodeWhole(tone, as: .wav)
    for (offset, value) in [(24, 1000), (28, 2000)] {
        bytes.replaceSubrange(offset..<offset + 4, with: [UInt8(value & 255), UInt8(value >> 8), 0, 0])
    }
    return bytes
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
