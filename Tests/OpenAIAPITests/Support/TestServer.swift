import AsyncHTTPClient
import Audio
import Dialogue
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Serving
import Settings
import Speech
import Storage
import Telemetry

@testable import OpenAIAPI

/// A server with nothing but this API, on fake engines.
struct TestServer {
    var settings: [String] = []
    var synthesizer: any SpeechSynthesizer = FakeSynthesizer()
    var recognizer: any SpeechRecognizer = FakeRecognizer()
    var responder: any Responder = FakeResponder()
    var upstream: HTTPClient = .forModelServer
    var recordings = RecordingRoom(largest: 100_000_000)
    var uploads = ByteBudget(limit: 100_000_000)
    var engines: SpeechEngines.Configuration = .init()
    var voices = TestServer.voices
    /// Over a real connection, or straight into the router.
    var setup: TestingSetup = .router
    /// What is logged.
    let log = LogLines()

    static let voices = [
        Voice(engine: "fake", name: "joe", languages: ["en-US"], summary: "A man."),
        Voice(engine: "fake", name: "ann", languages: ["en-GB"], summary: "A woman."),
    ]

    func run(_ test: @Sendable (any TestClientProtocol) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "openai-api-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = log.logger
        let store = try await Store.open(Store.Configuration(path: folder + "/test.sqlite"), logger: logger)
        try await run(test, store: store, logger: logger)
        try await store.close()
    }

    private func run(
        _ test: @Sendable (any TestClientProtocol) async throws -> Void,
        store: Store,
        logger: Logger
    ) async throws {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = settings
        let parts = ServerParts(
            engines: try SpeechEngines(configuration: engines),
            voices: VoiceRegistry(voices),
            responder: responder,
            settings: SettingsStore(try Settings.load(from: sources)),
            sessions: store.sessions,
            metrics: PrometheusRegistry(),
            state: ServerState(),
            uploads: uploads,
            recordings: recordings
        )
        let router = Router(context: ServingContext.self)
        let scope = RequestScope(listener: "test", logger: logger, metrics: parts.metrics)
        router.add(middleware: scope)
        OpenAIAPI(
            parts: parts,
            synthesizer: synthesizer,
            recognizer: recognizer,
            voiceActivity: FakeVoiceActivity(),
            upstream: upstream
        ).addRoutes(to: ListenerRoutes(router))
        scope.know(RouteTable(router))
        try await Application(router: router, logger: logger).test(setup, test)
    }
}

extension TestClientProtocol {
    /// Posts JSON.
    func post(_ path: String, json: JSONValue, headers: HTTPFields = [:]) async throws -> TestResponse {
        try await post(path, String(decoding: json.bytes, as: UTF8.self), headers: headers)
    }

    /// Posts a text that should be JSON.
    func post(_ path: String, _ text: String, headers: HTTPFields = [:]) async throws -> TestResponse {
        var headers = headers
        headers[.contentType] = headers[.contentType] ?? "application/json"
        return try await executeRequest(uri: path, method: .post, headers: headers, body: ByteBuffer(string: text))
    }

    /// Posts a form.
    func post(_ path: String, form: TestForm) async throws -> TestResponse {
        try await executeRequest(
            uri: path,
            method: .post,
            headers: [.contentType: "multipart/form-data; boundary=\(TestForm.boundary)"],
            body: ByteBuffer(bytes: form.bytes)
        )
    }

    func get(_ path: String) async throws -> TestResponse {
        try await executeRequest(uri: path, method: .get, headers: [:], body: nil)
    }
}

/// A form as a client sends it.
struct TestForm {
    static let boundary = "=-boundary-="

    private(set) var body: [UInt8] = []

    func field(_ name: String, _ value: String) -> TestForm {
        part("name=\"\(name)\"", Array(value.utf8))
    }

    func file(_ bytes: [UInt8], filename: String = "sound.wav") -> TestForm {
        part("name=\"file\"; filename=\"\(filename)\"\r\nContent-Type: audio/wav", bytes)
    }

    /// The two utterances as a WAV file.
    func recording() throws -> TestForm {
        file(try AudioEncoder.encodeWhole(.twoUtterances, as: .wav))
    }

    var bytes: [UInt8] { body + Array("--\(Self.boundary)--\r\n".utf8) }

    private func part(_ header: String, _ bytes: [UInt8]) -> TestForm {
        var form = self
        form.body += "--\(Self.boundary)\r\nContent-Disposition: form-data; \(header)\r\n\r\n".utf8
        form.body += bytes
        form.body += "\r\n".utf8
        return form
    }
}
