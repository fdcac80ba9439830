import AsyncHTTPClient
import Audio
import Foundation
import NIOCore
import NIOHTTP1

/// Speech synthesis by any server that has `POST /v1/audio/speech`, streamed.
public struct OpenAISynthesizer: SpeechSynthesizer {
    /// The name of the engine.
    public static let name = "openai"
    /// What `response_format: pcm` means in OpenAI's interface: 24 kHz, 16-bit, little-endian, mono.
    static let sampleRate = 24000

    private let endpoint: OpenAIEndpoint
    private let model: String
    private let voice: String
    private let client: HTTPClient

    /// A synthesiser that asks `model` at `endpoint` to speak with `voice`.
    public init(endpoint: OpenAIEndpoint, model: String, voice: String) {
        self.endpoint = endpoint
        self.model = model
        self.voice = voice
        client = OpenAIEndpoint.client
    }

    /// `openai`.
    public var name: String { Self.name }

    /// The configured voice.
    public var defaultVoice: String { voice }

    /// Describes the engine; whether the server answers is found out by using it.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .synthesizer,
            version: model,
            licence: "the server's",
            languages: [],
            sampleRate: Self.sampleRate,
            availability: .available
        )
    }

    /// The configured voice.
    public func voices() async throws -> [Voice] {
        [Voice(engine: name, name: voice, languages: [], summary: "\(voice), by \(model)")]
    }

    /// Nothing to prepare.
    public func prepare() async throws {}

    /// Speaks `segment`; sound arrives as the server makes it.
    public func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        let download = Download(
            endpoint: endpoint,
            client: client,
            request: .init(
                model: model,
                input: segment,
                voice: options.voice.flatMap { $0.engine == name ? $0.name : nil } ?? voice,
                speed: options.speed
            )
        )
        return SpeechAudio { try await download.next() }
    }

    fileprivate struct Request: Encodable {
        var model: String
        var input: String
        var voice: String
        var speed: Double
        var response_format = "pcm"
    }
}

/// One streamed answer, read as it is asked for.
private actor Download {
    private let endpoint: OpenAIEndpoint
    private let client: HTTPClient
    private let request: OpenAISynthesizer.Request
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var oddByte: UInt8?
    private var total = 0

    init(endpoint: OpenAIEndpoint, client: HTTPClient, request: OpenAISynthesizer.Request) {
        self.endpoint = endpoint
        self.client = client
        self.request = request
    }

    func next() async throws -> PCM? {
        var iterator: HTTPClientResponse.Body.AsyncIterator
        if let body {
            iterator = body
        } else {
            let response = try await endpoint.post(
                "/audio/speech",
                contentType: "application/json",
                body: Array(JSONEncoder().encode(request)),
                client: client
            )
            iterator = response.body.makeAsyncIterator()
        }
        defer { body = iterator }
        do {
            while let chunk = try await iterator.next(isolation: #isolation) {
                total += chunk.readableBytes
                // Ten minutes of sound for one sentence is no sentence.
                guard total <= 600 * 2 * OpenAISynthesizer.sampleRate else {
                    throw endpoint.failure("the answer does not end.")
                }
                let samples = decode(chunk)
                if !samples.isEmpty { return PCM(samples, sampleRate: OpenAISynthesizer.sampleRate) }
            }
        } catch let error as SpeechError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw endpoint.failure("the answer broke off.")
        }
        return nil
    }

    private func decode(_ chunk: ByteBuffer) -> [Float] {
        var bytes = (oddByte.map { [$0] } ?? []) + chunk.readableBytesView
        oddByte = bytes.count.isMultiple(of: 2) ? nil : bytes.removeLast()
        return stride(from: 0, to: bytes.count, by: 2).map { index in
            Float(Int16(bitPattern: UInt16(bytes[index]) | UInt16(bytes[index + 1]) << 8)) / 32768
        }
    }
}
