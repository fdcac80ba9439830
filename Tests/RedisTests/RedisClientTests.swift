import Foundation
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestProcess
import TestRedis
import Testing

@testable import Redis

@Suite(.enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.reason)), .timeLimit(.minutes(5)))
struct RedisClientTests {
    typealias Message = (channel: String, text: String)

    /// A client under test with all that it tells.
    struct Observed: Sendable {
        let client: RedisClient
        let states = Recorder<RedisClientState>()
        let messages = Recorder<Message>()

        init(_ configuration: RedisConfiguration) {
            client = RedisClient(
                configuration: configuration,
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
                onMessage: { [messages] in messages.record(($0, String(buffer: $1))) },
                onStateChange: { [states] in states.record($0) }
            )
        }

        func connected(times: Int = 1) async {
            await states.wait { $0.count { $0 == .connected } >= times }
        }

        func disconnected() async {
            await states.wait { if case .disconnected = $0.last { true } else { false } }
        }
    }

    /// Runs a client for the time of the body.
    func withClient(
        of server: RedisServer,
        url: String? = nil,
        configure: (inout RedisConfiguration) -> Void = { _ in },
        body: @Sendable (Observed) async throws -> Void
    ) async throws {
        var configuration = try RedisConfiguration(url: url ?? server.url)
        configuration.maximumReconnectDelay = .milliseconds(200)
        configuration.connectTimeout = .seconds(30)
        configuration.commandTimeout = .seconds(30)
        configuration.pingTimeout = .seconds(30)
        configure(&configuration)
        let observed = Observed(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await observed.client.run() }
            defer { group.cancelAll() }
            try await body(observed)
        }
        #expect(!observed.client.isConnected)
    }

    @Test func `carries out commands and reports errors`() async throws {
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            let client = observed.client
            await #expect(throws: RedisError.notConnected) {
                // A client that has not been started or is not connected yet answers at once.
                try await Observed(client.configuration).client.send(RedisCommand("PING"))
            }
            await observed.connected()
            #expect(try await client.send(RedisCommand("SET", "k", "v")) == .simple("OK"))
            #expect(try await client.send(RedisCommand("GET", "k")).string == "v")
            #expect(try await client.send(RedisCommand("GET", "none")) == .null)
            #expect(try await client.send(RedisCommand("INCRBY", "n", 41)).integer == 41)
            let map = try await client.pipeline([
                RedisCommand("HSET", "h", "a", "1"), RedisCommand("HGETALL", "h"), RedisCommand("INCR", "k"),
                RedisCommand("GET", "k"),
            ])
            #expect(map[1].elements?.compactMap(\.string) == ["a", "1"])
            guard case .error(let message) = map[2] else { return fail("no error") }
            #expect(message.hasPrefix("ERR"))
            #expect(map[3].string == "v")
            do {
                try await client.send(RedisCommand("LPUSH", "k", "x"))
                Issue.record("no error")
            } catch let error as RedisError {
                #expect(error.code == "WRONGTYPE")
            }
        }
    }

    @Test func `pipelines ten thousand commands and refuses more`() async throws {
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            await observed.connected()
            let replies = try await observed.client.pipeline((0..<10_000).map { RedisCommand("ECHO", .number($0)) })
            #expect(replies.map(\.integer) == Array(0..<10_000))
            await #expect(throws: RedisError.busy(limit: 10_000)) {
                try await observed.client.pipeline(Array(repeating: RedisCommand("PING"), count: 10_001))
            }
        }
    }

    @Test func `many tasks get their own replies`() async throws {
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            await observed.connected()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<2_000 {
                    group.addTask {
                        try await observed.client.send(RedisCommand("ECHO", .number(number))).integer == number
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `teaches the server a script, again after it forgot`() async throws {
        let script = RedisScript("sum", source: "return {redis.call('INCRBY', KEYS[1], ARGV[1]), ARGV[2]}")
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            await observed.connected()
            let client = observed.client
            #expect(
                try await client.eval(script: script, keys: ["s"], arguments: [2, "x"]).elements?[0] == .integer(2)
            )
            #expect(
                try await client.eval(script: script, keys: ["s"], arguments: [3, "x"]).elements?[0] == .integer(5)
            )
            try await client.send(RedisCommand("SCRIPT", "FLUSH"))
            let reply = try await client.eval(script: script, keys: ["s"], arguments: [4, "y"])
            #expect(reply.elements?[0] == .integer(9))
            #expect(reply.elements?[1].string == "y")
            await #expect(throws: RedisError.self) {
                try await client.eval(script: RedisScript("bad", source: "this is not Lua"))
            }
        }
    }

    @Test func `delivers ten thousand messages in order`() async throws {
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            await observed.connected()
            let client = observed.client
            #expect(try await client.subscribe("news"))
            for start in stride(from: 0, to: 10_000, by: 1_000) {
                _ = try await client.pipeline(
                    (start..<start + 1_000).map { RedisCommand("PUBLISH", "news", .number($0)) }
                )
            }
            let messages = await observed.messages.wait(forCount: 10_000)
            #expect(messages.map(\.text) == (0..<10_000).map(String.init))
            #expect(messages.allSatisfy { $0.channel == "news" })
            try await client.unsubscribe("news")
            #expect(try await client.send(RedisCommand("PUBLISH", "news", "x")).integer == 0)
        }
    }

    @Test func `a session catches up with what was published before a reply`() async throws {
        try await withClient(of: RedisServer()) { (observed: Observed) async throws in
            await observed.connected()
            #expect(try await observed.client.subscribe("news"))
            let session = try #require(observed.client.session)
            for count in stride(from: 100, through: 5_000, by: 100) {
                _ = try await session.pipeline(
                    (0..<100).map { _ in RedisCommand("PUBLISH", "news", .text(String(repeating: "x", count: count))) }
                )
                try await session.catchUp()
                #expect(observed.messages.elements.count == count)
            }
        }
    }

    @Test func `connects again after a restart and renews its subscriptions`() async throws {
        let server = try RedisServer()
        try await withClient(of: server) { (observed: Observed) async throws in
            await observed.connected()
            let client = observed.client
            for number in 0..<600 { #expect(try await client.subscribe("c\(number)")) }
            try await client.unsubscribe("c7")
            server.stop()
            await observed.disconnected()
            await #expect(throws: RedisError.notConnected) { try await client.send(RedisCommand("PING")) }
            #expect(try await client.subscribe("later") == false)
            try server.start()
            await observed.connected(times: 2)
            for channel in ["c0", "c599", "later"] {
                #expect(try await client.send(RedisCommand("PUBLISH", .text(channel), "x")).integer == 1)
            }
            #expect(try await client.send(RedisCommand("PUBLISH", "c7", "x")).integer == 0)
            #expect(await observed.messages.wait(forCount: 3).map(\.channel) == ["c0", "c599", "later"])
        }
    }

    @Test func `a session ends with its connection`() async throws {
        let server = try RedisServer()
        try await withClient(of: server) { (observed: Observed) async throws in
            #expect(Observed(observed.client.configuration).client.session == nil)
            await observed.connected()
            let first = try #require(observed.client.session)
            #expect(try await first.send(RedisCommand("PING")) == .simple("PONG"))
            first.close()
            await observed.connected(times: 2)
            await #expect(throws: RedisError.notConnected) { try await first.send(RedisCommand("PING")) }
            let second = try #require(observed.client.session)
            #expect((first.id, second.id) == (1, 2))
            #expect(try await second.send(RedisCommand("PING")) == .simple("PONG"))
        }
    }

    @Test func `starts before the server does`() async throws {
        let server = try RedisServer()
        server.stop()
        try await withClient(of: server) { (observed: Observed) async throws in
            await observed.disconnected()
            try server.start()
            await observed.connected()
            #expect(try await observed.client.send(RedisCommand("PING")) == .simple("PONG"))
        }
    }

    @Test func `notices a server that stands still and comes back to it`() async throws {
        let server = try RedisServer()
        try await withClient(
            of: server,
            configure: {
                $0.commandTimeout = .seconds(1)
                $0.pingInterval = .milliseconds(200)
                $0.pingTimeout = .seconds(2)
            }
        ) { (observed: Observed) async throws in
            await observed.connected()
            server.pause()
            defer { server.resume() }
            await #expect(throws: RedisError.timedOut(command: "GET", after: .seconds(1))) {
                try await observed.client.send(RedisCommand("GET", "k"))
            }
            await observed.disconnected()
            #expect(
                observed.states.elements.contains(.disconnected(.timedOut(command: "PING", after: .seconds(2))))
            )
            server.resume()
            await observed.connected(times: 2)
            #expect(try await observed.client.send(RedisCommand("PING")) == .simple("PONG"))
        }
    }

    @Test func `fails all waiting commands when the connection ends`() async throws {
        let server = try RedisServer()
        try await withClient(of: server) { (observed: Observed) async throws in
            await observed.connected()
            server.pause()
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        do {
                            try await observed.client.send(RedisCommand("PING"))
                            return false
                        } catch RedisError.connectionClosed {
                            return true
                        } catch RedisError.notConnected {
                            return true
                        }
                    }
                }
                group.addTask {
                    server.stop()
                    return true
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `uses the user and password`() async throws {
        let server = try RedisServer(arguments: [
            "--requirepass", "p@ss", "--user", "me", "on", ">secret", "~*", "&*", "+@all",
        ])
        for url in ["redis://:p%40ss@127.0.0.1:\(server.port)/2", "redis://me:secret@127.0.0.1:\(server.port)"] {
            try await withClient(of: server, url: url) { (observed: Observed) async throws in
                await observed.connected()
                #expect(try await observed.client.send(RedisCommand("PING")) == .simple("PONG"))
            }
        }
        for url in ["redis://:wrong@127.0.0.1:\(server.port)", server.url] {
            try await withClient(of: server, url: url) { (observed: Observed) async throws in
                await observed.disconnected()
                guard case .disconnected(.authenticationFailed(let reason)) = observed.states.elements.last else {
                    return fail("\(observed.states.elements)")
                }
                #expect(!reason.contains("wrong@"))
            }
        }
    }

    @Test func `a refused channel is an error and is given up`() async throws {
        let server = try RedisServer(arguments: [
            "--user", "me", "on", ">secret", "~*", "resetchannels", "&mine", "+@all",
        ])
        let url = "redis://me:secret@127.0.0.1:\(server.port)"
        try await withClient(of: server, url: url) { (observed: Observed) async throws in
            await observed.connected()
            do {
                try await observed.client.subscribe("other")
                Issue.record("not refused")
            } catch let error as RedisError {
                #expect(error.code == "NOPERM")
            }
            #expect(try await observed.client.subscribe("mine"))
        }
    }

    @Test func `carries big values and refuses too big ones`() async throws {
        try await withClient(of: RedisServer(), configure: { $0.limits = RESPLimits(bulkBytes: 20 << 20) }) {
            (observed: Observed) async throws in
            await observed.connected()
            let client = observed.client
            let big = ByteBuffer(bytes: (0..<(16 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try await client.send(RedisCommand("SET", "big", .bytes(big)))
            #expect(try await client.send(RedisCommand("GET", "big")).bytes == big)
            try await client.send(RedisCommand("APPEND", "big", .bytes(big)))
            await #expect(throws: RedisError.self) { try await client.send(RedisCommand("GET", "big")) }
            await observed.connected(times: 2)
            #expect(try await client.send(RedisCommand("STRLEN", "big")).integer == 32 << 20)
        }
    }

    @Test func `a cancelled task does not wait and does not disturb others`() async throws {
        let server = try RedisServer()
        try await withClient(of: server) { (observed: Observed) async throws in
            await observed.connected()
            server.pause()
            defer { server.resume() }
            let waiting = Task { try await observed.client.send(RedisCommand("ECHO", "first")) }
            let other = Task { try await observed.client.send(RedisCommand("ECHO", "second")) }
            waiting.cancel()
            await #expect(throws: RedisError.cancelled) { try await waiting.value }
            server.resume()
            #expect(try await other.value.string == "second")
        }
    }

    @Test func `stops at once while it connects to nobody`() async throws {
        let server = try RedisServer()
        server.pause()
        defer { server.resume() }
        var configuration = try RedisConfiguration(url: server.url)
        configuration.connectTimeout = .seconds(600)
        let observed = Observed(configuration)
        let clock = ContinuousClock()
        let task = Task { await observed.client.run() }
        let begin = clock.now
        task.cancel()
        await task.value
        #expect(clock.now - begin < .seconds(300))
        #expect(observed.states.elements == [.disconnected(.cancelled)])
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"),
            "/usr/bin/openssl is missing: install openssl to run this test"
        )
    )
    func `speaks over an encrypted connection and refuses an unknown certificate`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        let arguments = [
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ]
        #expect(try TestProcess.run("/usr/bin/openssl", arguments, errors: nil) == 0)
        let port = try RedisServer.freePort()
        let server = try RedisServer(arguments: [
            "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no",
        ])
        let url = "rediss://127.0.0.1:\(port)"
        try await withClient(of: server, url: url, configure: { $0.tls?.trustRoots = .file(certificate) }) {
            (observed: Observed) async throws in
            await observed.connected()
            #expect(try await observed.client.send(RedisCommand("PING")) == .simple("PONG"))
        }
        try await withClient(of: server, url: url) { (observed: Observed) async throws in
            await observed.disconnected()
            #expect(!observed.states.elements.contains(.connected))
        }
    }
}
