import Audio
import Dispatch
import Glibc
import Serving
import Synchronization
import Testing

@testable import Speech
@testable import SpeechAPI

/// Clients that reset their connections while their texts wait for a busy engine.
@Suite(.timeLimit(.minutes(5))) struct ResetConnectionTests {
    @Test func `what a client that is gone has asked for is not spoken, and its place is free at once`() async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        let engine = GatedSynthesizer(capacity: 9, happened: happened)
        try await TestServer.run(synthesizer: engine) { server in
            try await server.serve { port in
                var iterator = events.makeAsyncIterator()
                // One runs, and eight wait: the queue is full.
                let running = try RawClient(port: port, text: "The first of all.")
                #expect(await iterator.next() == "asked")
                #expect(await iterator.next() == "runs")
                let waiting = try (1...8).map { try RawClient(port: port, text: "Number \($0) of many.") }
                for _ in 1...8 { #expect(await iterator.next() == "asked") }
                waiting.forEach { $0.reset() }
                for _ in 1...8 { #expect(await iterator.next() == "cancelled") }

                // All their places can be had, while the first still runs.
                let others = try (1...8).map { try RawClient(port: port, text: "Number \($0) of the others.") }
                for _ in 1...8 { #expect(await iterator.next() == "asked") }
                running.reset()
                #expect(await iterator.next() == "cancelled")
                engine.open()
                for _ in 1...8 { #expect(await iterator.next() == "runs") }
                for other in others { #expect(await other.status() == "HTTP/1.1 200 OK") }
                let spoken = engine.spoken
                #expect(spoken.first == "The first of all.")
                #expect(spoken.count == 9)
                #expect(spoken.dropFirst().allSatisfy { $0.hasSuffix("of the others.") })
            }
        }
    }

    @Test func `a client that is gone after the first sound ends the work that waits`() async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        let engine = GatedSynthesizer(capacity: 4, happened: happened, gated: "Second")
        try await TestServer.run(synthesizer: engine) { server in
            try await server.serve { port in
                var iterator = events.makeAsyncIterator()
                let client = try RawClient(port: port, text: "First sentence here. Second one here. Third one.")
                for event in ["asked", "runs", "asked", "runs"] { #expect(await iterator.next() == event) }
                #expect(await client.status() == "HTTP/1.1 200 OK")
                client.reset()
                #expect(await iterator.next() == "cancelled")
                engine.open()
                _ = try await server.post("/tts", ["text": "Another text.", "voice_id": "default"])
                #expect(engine.spoken == ["First sentence here.", "Second one here.", "Another text."])
            }
        }
    }
}

/// Speaks through the queue of a real engine, and not before it may. Tells when it is asked, when its engine runs and when
/// a call is cancelled.
private final class GatedSynthesizer: SpeechSynthesizer {
    let name = "tone"
    private let queue: EngineQueue<Void>
    private let gate = DispatchSemaphore(value: 0)
    private let happened: AsyncStream<String>.Continuation
    private let gated: String
    private let log = Mutex<[String]>([])

    /// Only texts that begin with `gated` wait at the gate.
    init(capacity: Int, happened: AsyncStream<String>.Continuation, gated: String = "") {
        queue = EngineQueue(name: "gated", capacity: capacity) {}
        self.happened = happened
        self.gated = gated
    }

    /// What the engine was made to speak.
    var spoken: [String] { log.withLock { $0 } }

    /// Lets everybody through who waits at the gate, now or later.
    func open() { for _ in 0..<1000 { gate.signal() } }

    func describe() async -> EngineDescription { .fake(name, .synthesizer, rate: 8000) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { Voice.fakes }

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio(whole: { [self] in
            happened.yield("asked")
            do {
                return try await queue.run { [self] _, _ in
                    log.withLock { $0.append(segment) }
                    happened.yield("runs")
                    if segment.hasPrefix(gated) { gate.wait() }
                    return .tone(.milliseconds(100), sampleRate: 8000)
                }
            } catch {
                happened.yield(error is CancellationError ? "cancelled" : "\(error)")
                throw error
            }
        })
    }
}

/// A connection on which one text is asked for.
private final class RawClient: Sendable {
    private let socket: Int32

    init(port: Int, text: String) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
        }
        try #require(connected == 0)
        let body = "{\"text\": \"\(text)\", \"voice_id\": \"default\"}"
        let request = """
            POST /tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
        let bytes = Array(request.utf8)
        try #require(write(socket, bytes, bytes.count) == bytes.count)
    }

    /// Ends the connection with a TCP reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
        close(socket)
    }

    /// The first line of the answer.
    func status() async -> String {
        await offPool { [socket] in
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while read(socket, &byte, 1) == 1, byte != UInt8(ascii: "\r") { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
