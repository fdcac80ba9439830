import HTTPTypes
import Hummingbird
import Serving
import Speech
import Synchronization
import struct Telemetry.RequestID
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    @Test func `health tells its facts at the top and again with more under data`() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/health")
            #expect(answer.status == 200)
            let json = answer.json
            #expect(json["status"] == "healthy")
            #expect(json["version"] == "9.8.7")
            #expect(json["architecture"] == "library_integration_v2")
            for feature in ["library_integration", "adapter_pattern", "middleware_pipeline", "legacy_compatibility"] {
                #expect(json["features.\(feature)"] == true)
                #expect(json["data.features.\(feature)"] == true)
            }
            for component in ["tts_loaded", "stt_loaded", "config_manager", "adapters_available"] {
                #expect(json["components.\(component)"] == true)
            }
            #expect(json["ready"] == false)
            #expect(json["draining"] == false)
            #expect(json["data.version"] == "9.8.7")
            #expect(json["data.status"] == "healthy")
            #expect(json["data.components.tts_engine"] == "available")
            #expect(json["data.components.middleware"] == "active")
            #expect(try #require(json["data.uptime"].number) >= 0)
        }
    }

    @Test func `health follows the state of the server`() async throws {
        try await TestServer.run { server in
            server.parts.state.becomeReady()
            #expect(try await server.get("/health").json["ready"] == true)
            server.parts.state.beginDraining()
            let json = try await server.get("/health").json
            #expect(json["ready"] == false)
            #expect(json["draining"] == true)
        }
    }

    @Test(arguments: [(true, false, "degraded"), (false, true, "degraded"), (false, false, "error")])
    func `health names what is missing and still answers 200`(
        canSpeak: Bool,
        canHear: Bool,
        status: String
    ) async throws {
        try await TestServer.run(canSpeak: canSpeak, canHear: canHear) { server in
            let answer = try await server.get("/health")
            #expect(answer.status == 200)
            #expect(answer.json["status"] == .string(status))
            #expect(answer.json["components.tts_loaded"] == .bool(canSpeak))
            #expect(answer.json["components.stt_loaded"] == .bool(canHear))
        }
    }

    @Test func `health tells no folder of the machine`() async throws {
        try await TestServer.run(["models.path=/secret/folder/models"], canSpeak: false) { server in
            let answer = try await server.get("/health")
            #expect(answer.json["paths.predefined_voices"] == "models")
            #expect(!answer.text.contains("/secret"))
        }
    }

    @Test func `metadata carries the id of the request, its duration and the time`() async throws {
        try await TestServer.run { server in
            let id = try #require(HTTPField.Name("x-request-id"))
            let answer = try await server.get("/health", headers: [id: "my-request-1"])
            #expect(
                answer.json["metadata.request_id"] == .string(try #require(RequestID(header: "my-request-1")).short)
            )
            #expect(answer.headers[id] == "my-request-1")
            for path in ["/health", "/stt/status", "/tts/voices?format=envelope", "/nothing"] {
                let own = try await server.get(path)
                let short = try #require(own.json["metadata.request_id"].string)
                #expect(short.wholeMatch(of: #/[0-9a-f]{8}/#) != nil)
                #expect(own.headers[id].flatMap { RequestID(header: $0) }?.short == short)
            }
            #expect(try #require(answer.json["metadata.processing_time"].number) >= 0)
            #expect(answer.json["metadata.timestamp"].string?.hasSuffix("Z") == true)
        }
    }

    @Test func `info describes the server and what it can do`() async throws {
        try await TestServer.run { server in
            let json = try await server.get("/info").json
            #expect(json["status"] == "success")
            #expect(json["server.version"] == "9.8.7")
            #expect(json["server.title"] == "Antiphon")
            #expect(json["routers.core.tts"].string != nil)
            #expect(json["routers.management.config"].string != nil)
            #expect(json["features.legacy_compatibility"] == true)
            #expect(json["middleware.timing"].string != nil)
            #expect(json["adapters.tts"] == "tone")
            #expect(json["adapters.stt"] == "fixed")
            #expect(try #require(json["data.system.cpu_count"].number) >= 1)
            #expect(json["data.server.version"] == "9.8.7")
        }
    }

    @Test func `an unknown path is 404 and a wrong method 405 with the methods that work`() async throws {
        try await TestServer.run { server in
            #expect(try await server.get("/nothing").json["detail"] == "Not Found")
            let answer = try await server.get("/tts")
            #expect(answer.status == 405)
            #expect(answer.headers[.allow] == "POST")
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct EngineHealthTests {
    private static func report(complete: Bool) -> EngineReport {
        EngineReport(
            [.fake("r", .recognizer, rate: 1), .fake("s", .synthesizer, rate: 1, isThere: complete)],
            recognizers: "r",
            synthesizers: "s"
        )
    }

    @Test func `many callers share one check`() async {
        let checks = Atomic(0)
        let health = EngineHealth {
            checks.add(1, ordering: .relaxed)
            return Self.report(complete: true)
        }
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { #expect(await health.current().isComplete) } }
        }
        #expect(checks.load(ordering: .relaxed) == 1)
    }

    @Test func `a report past its time still serves while the next check runs`() async {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let checks = Atomic(0)
        let health = EngineHealth {
            if checks.add(1, ordering: .relaxed).newValue > 1 { for await _ in gate { break } }
            return Self.report(complete: checks.load(ordering: .relaxed) == 1)
        }
        let start = ContinuousClock.now
        #expect(await health.current(at: start).isComplete)
        #expect(await health.current(at: start + .seconds(30)).isComplete)
        #expect(checks.load(ordering: .relaxed) == 1)
        // The second check cannot end before the gate opens, and nobody waits for it.
        for _ in 0..<10 { #expect(await health.current(at: start + .seconds(120)).isComplete) }
        open.yield()
        while await health.current(at: start).isComplete, !Task.isCancelled { await Task.yield() }
        #expect(checks.load(ordering: .relaxed) == 2)
    }

    @Test func `what is missing is looked for again soon`() async {
        let checks = Atomic(0)
        let health = EngineHealth {
            checks.add(1, ordering: .relaxed)
            return Self.report(complete: false)
        }
        let start = ContinuousClock.now
        _ = await health.current(at: start)
        _ = await health.current(at: start + .seconds(5))
        #expect(checks.load(ordering: .relaxed) == 1)
        _ = await health.current(at: start + .seconds(20))
        while checks.load(ordering: .relaxed) < 2, !Task.isCancelled { await Task.yield() }
        #expect(checks.load(ordering: .relaxed) == 2)
    }

    @Test func `a report counts only the engines in use, in their order`() {
        let report = EngineReport(
            [
                .fake("a", .synthesizer, rate: 1), .fake("b", .synthesizer, rate: 2, isThere: false),
                .fake("c", .recognizer, rate: 3),
            ],
            recognizers: "x",
            synthesizers: "b,a"
        )
        #expect(report.synthesizers.map(\.name) == ["b", "a"])
        #expect(report.synthesizer?.name == "a")
        #expect(report.recognizer == nil)
        #expect(!report.isComplete)
    }
}
