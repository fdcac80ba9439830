import Conversation
import Foundation
import Logging
import ServiceLifecycle
import Serving
import Settings
import Speech
import Telemetry
import UnixSignals

/// All listeners as one service, so that all stop taking new connections at the same moment and finish what they have
/// side by side.
struct ListenerGroup: Service {
    let services: [ListenerService]
    /// How long what has begun may go on once the server is told to stop; then it is cancelled.
    let drainTimeout: Duration
    let logger: Logger

    private enum Ending {
        case served
        case outOfTime
        /// The clock is not needed any more.
        case clockStopped
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            for service in services {
                group.addTask {
                    try await service.run()
                    return .served
                }
            }
            group.addTask { [drainTimeout] in
                do {
                    try await gracefulShutdown()
                    try await Task.sleep(for: drainTimeout)
                    return .outOfTime
                } catch {
                    return .clockStopped
                }
            }
            var serving = services.count
            while serving > 0, let ending = try await group.next() {
                if ending == .served { serving -= 1 }
                guard ending == .outOfTime else { continue }
                logger.warning("what had begun is not over in time and is given up")
                break
            }
            group.cancelAll()
            // What is cancelled may say so; those who wait for the end of the listeners wait for all of it.
            while let result = await group.nextResult() { _ = result }
        }
    }
}

/// Ends the conversations that go on when the listeners have ended.
struct Conversations: Service {
    let directory: SessionDirectory

    func run() async throws {
        try? await gracefulShutdown()
        await directory.drain()
    }
}

/// Notes that the server has been told to stop.
struct Draining: Service {
    let state: ServerState
    let manager: ServiceManager
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        state.beginDraining()
        manager.tell(.stopping)
        logger.info("told to stop; what has begun is finished")
    }
}

/// Says which engines of the settings are missing, and loads the others, so that the first request is not slower than
/// others. An engine that cannot be loaded is reported and tried again when it is needed.
struct Preloading: Service {
    /// The engines of the settings; nil when no listener needs any.
    let engines: SpeechEngines?
    /// Whether to load them.
    let loads: Bool
    let state: ServerState
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard let engines else { return }
            let present = await report(engines)
            guard loads else { return }
            if present.contains(.synthesizer) { await load("synthesizer") { try await engines.synthesizer.prepare() } }
            if present.contains(.recognizer) { await load("recognizer") { try await engines.recognizer.prepare() } }
            if present.contains(.voiceActivity) {
                await load("voice activity detector") { _ = try await engines.voiceActivity.makeDetector() }
            }
            // Also when one could not be: requests need not wait for it any more.
            state.enginesAreLoaded()
        }
        try? await gracefulShutdown()
    }

    /// Logs a line for each engine that is missing; returns what those that are there can do.
    private func report(_ engines: SpeechEngines) async -> Set<EngineDescription.Role> {
        var present: Set<EngineDescription.Role> = []
        for engine in await engines.describeInUse() {
            switch engine.availability {
            case .available: present.insert(engine.role)
            case .unavailable(let reason):
                logger.warning(
                    "an engine of the settings cannot be used",
                    metadata: ["engine": "\(engine.name)", "role": "\(engine.role.rawValue)", "reason": "\(reason)"]
                )
            }
        }
        return present
    }

    private func load(_ name: String, _ prepare: () async throws -> Void) async {
        do {
            try await prepare()
        } catch is CancellationError {
            return
        } catch {
            logger.warning("engine not loaded", metadata: ["engine": "\(name)", "reason": "\(error)"])
        }
    }
}

/// Reads the settings and the certificate again on SIGHUP.
struct Reloading: Service {
    let settings: SettingsStore
    /// The voices on offer; nil when the usual one is not among them as it is.
    let voices: VoiceRegistry?
    /// The certificate of the listeners; nil when none speaks TLS.
    let certificate: CertificateHolder?
    let manager: ServiceManager
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            manager.tell(.reloading(at: ServiceManager.monotonicTime))
            // Also after settings that cannot be used: the server goes on with the ones it has.
            defer { manager.tell(.ready) }
            reloadCertificate()
            do {
                if let voices { try ServerCheck.checkVoice(try settings.read().settings, voices) }
                let change = try settings.reload()
                Telemetry.logLevels.level = settings.current.logging.level
                logger.info(
                    "settings read again",
                    metadata: [
                        "changed": "\(change.applied.map(\.path).joined(separator: ", "))",
                        "waiting_for_restart": "\(change.waiting.map(\.path).joined(separator: ", "))",
                    ]
                )
            } catch {
                logger.error("the settings were left as they are", metadata: ["reason": "\(error)"])
            }
        }
    }

    private func reloadCertificate() {
        guard let certificate else { return }
        do {
            try certificate.reload()
            let validity = certificate.current.validity
            logger.info("certificate read again", metadata: ["valid_until": "\(validity.end.formatted(.iso8601))"])
            if let warning = validity.warning(at: Date()) { logger.warning("\(warning)") }
        } catch {
            logger.warning("the certificate was left as it is", metadata: ["reason": "\(error)"])
        }
    }
}
