import Dialogue
import Events
import EventsAPI
import Foundation
import Hummingbird
import Logging
import NIOPosix
import OpenAIAPI
import ServiceLifecycle
import Serving
import Settings
import Speech
import SpeechAPI
import Storage
import Telemetry
import UnixSignals
import WebSocket

/// A running server: its parts, made from the settings, and its listeners.
struct ServerProcess {
    let sources: SettingsSources
    let loaded: LoadedSettings
    let manager: ServiceManager

    /// Serves until told to stop. Throws `Problem`, `SpeechError`, `StorageError` or `ListenerService.Failure`.
    func run() async throws {
        // Until there are settings to read again, SIGHUP has nothing to do; it must not end what starts.
        signal(SIGHUP, SIG_IGN)
        let settings = loaded.settings
        let registry = PrometheusRegistry.ofServer()
        Telemetry.bootstrap(
            TelemetryOptions(
                format: .init(rawValue: settings.logging.format.rawValue) ?? .text,
                level: settings.logging.level
            ),
            registry: registry
        )
        let logger = Logger(label: "antiphon")
        let check = try await ServerCheck(loaded)
        for warning in check.warnings { logger.warning("\(warning)") }
        tell(check.budget, logger)
        let store = try await Store.open(Store.Configuration(path: settings.storage.path), logger: logger)
        let lastResort = LastResort(after: settings.drain.timeout + settings.websocket.closeTimeout)
        defer { withExtendedLifetime(lastResort) {} }
        do {
            try await serve(
                settings,
                check: check,
                store: store,
                registry: registry,
                lastResort: lastResort,
                logger: logger
            )
            try await store.close()
            logger.notice("stopped")
        } catch {
            try? await store.close()
            throw error
        }
    }

    /// Says where the limit of open files stands in the way of what somebody set, or of a usual load.
    private func tell(_ budget: DescriptorBudget, _ logger: Logger) {
        let settings = loaded.settings
        guard budget.http < settings.http.maxConnections || budget.webSockets < settings.websocket.maxConnections else {
            return
        }
        logger.notice(
            "fewer connections than usual; raise the limit of open files (ulimit -n, LimitNOFILE) for more",
            metadata: [
                "open_files": "\(budget.limit)", "http.max_connections": "\(budget.http)",
                "websocket.max_connections": "\(budget.webSockets)",
            ]
        )
    }

    private func serve(
        _ settings: Settings,
        check: ServerCheck,
        store: Store,
        registry: PrometheusRegistry,
        lastResort: LastResort,
        logger: Logger
    ) async throws {
        let needsKey = try await needsKey(settings, store)
        let (budget, engines, voices) = (check.budget, check.engines, check.voices)
        let live = SettingsStore(loaded, from: sources)
        let speaks = settings.listeners.contains { $0.apis.contains(.speech) || $0.apis.contains(.openai) }
        let preloads = speaks && settings.speech.preload
        let state = ServerState(loadsEngines: preloads)
        let metrics = EventsMetrics(registry)
        let hub = try await EventHub(settings, store: store, observer: metrics, logger: logger)
        let parts = ServerParts(
            engines: engines,
            voices: voices,
            responder: check.responder,
            settings: live,
            sessions: store.sessions,
            metrics: registry,
            state: state,
            // Room for four of the largest uploads at once.
            uploads: ByteBudget(limit: 4 * max(settings.http.maxUploadBytes, settings.http.maxBodyBytes)),
            recordings: RecordingRoom(largest: UploadedSound.largest(settings)),
            hub: hub
        )
        let addresses = settings.listeners.flatMap { listener in
            Self.addresses(of: listener.bind ?? settings.bind).enumerated().map { index, address in
                (listener: listener, address: address, isOptional: index > 0)
            }
        }
        let authenticator =
            needsKey ? try await Authenticator(keys: store.apiKeys, secrets: store.secrets) : nil
        let credentials = CredentialWatch(keys: needsKey ? store.apiKeys : nil)
        let sockets = WebSocketServer(settings, budget: budget)
        let events = EventsAPI(
            settings: live,
            hub: hub,
            sockets: sockets,
            credentials: credentials,
            metrics: metrics
        )
        let banner = Banner(settings: settings, needsKey: needsKey, awaited: addresses.count) { [manager] in
            StartupPages.giveBack()
            state.becomeReady()
            if !manager.tell(.ready) {
                logger.warning(
                    "the service manager was not told that the server is ready; NOTIFY_SOCKET names no socket"
                )
            }
        }
        let connections = ConnectionRegister(settings, budget: budget)
        let certificate = check.certificate.map { CertificateHolder($0, from: settings) }
        let services = try addresses.map { listener, address, isOptional in
            ListenerService(
                router: try router(
                    for: listener,
                    parts: parts,
                    sockets: sockets,
                    events: events,
                    connections: connections,
                    authenticator: authenticator,
                    logger: logger
                ),
                address: address,
                port: listener.port,
                isOptional: isOptional,
                settings: settings,
                connections: connections,
                certificate: settings.speaksTLS(listener) ? certificate : nil,
                logger: logger
            ) { port in await banner.isUp(listener, address: address, port: port) }
        }
        for service in services { try await service.tryOut() }
        var configuration = ServiceGroupConfiguration(
            // Shut down from the last to the first, each when the one behind it has ended. Requests that end while the
            // listeners drain still publish, so topics and those who follow them are closed after that; a WebSocket is no
            // connection of a listener any more. Credentials are watched as long as there are connections.
            services: [
                Watchdog(manager: manager, loops: MultiThreadedEventLoopGroup.singleton, logger: logger),
                credentials, EventsService(events, logger: logger), Conversations(directory: parts.directory),
                ListenerGroup(services: services, drainTimeout: settings.drain.timeout, logger: logger),
                Draining(state: state, manager: manager, logger: logger),
                Reloading(
                    settings: live,
                    voices: check.isVoiceKnown ? voices : nil,
                    certificate: certificate,
                    manager: manager,
                    logger: logger
                ),
                Preloading(
                    engines: speaks ? engines : nil,
                    loads: settings.speech.preload,
                    state: state,
                    logger: logger
                ),
                Retention(store: store, settings: live, logger: logger),
                CertificateReminder(certificate: certificate, logger: logger),
                lastResort,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "service-lifecycle")
        )
        // Those who follow topics are said goodbye to when the time for requests is over.
        configuration.maximumGracefulShutdownDuration =
            settings.drain.timeout + settings.websocket.closeTimeout + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func router(
        for listener: Listener,
        parts: ServerParts,
        sockets: WebSocketServer,
        events: EventsAPI,
        connections: ConnectionRegister,
        authenticator: Authenticator?,
        logger: Logger
    ) throws -> Router<ServingContext> {
        // Load balancers like to ask with HEAD.
        let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
        let routes = ListenerRoutes(router)
        let scope = RequestScope(
            listener: listener.apis.map(\.rawValue).joined(separator: "+"),
            logger: logger,
            metrics: parts.metrics,
            logsAccess: { [settings = parts.settings] in settings.current.logging.access }
        )
        router.addMiddleware {
            scope
            ReservedForProbes()
            ClientOrigin(
                connections: connections,
                forThisMachineOnly: authenticator == nil,
                trusted: parts.settings.current.auth.trustedNetworks
            )
            CrossOrigin(settings: parts.settings, forThisMachineOnly: authenticator == nil)
            AccessCheck(authenticator: authenticator, table: routes.table)
        }
        if listener.apis.contains(.events) {
            TokenRoutes(authenticator: authenticator, settings: parts.settings).addRoutes(to: routes)
        }
        for api in listener.apis {
            switch api {
            case .speech: SpeechAPI(parts: parts, sockets: sockets, version: Antiphon.version).addRoutes(to: routes)
            case .openai: OpenAIAPI(parts: parts).addRoutes(to: routes)
            case .events: events.addRoutes(to: routes)
            }
        }
        if !listener.apis.contains(.speech) {
            routes.open.get("health") { _, _ in
                var health: [String: JSONValue] = [
                    "status": "healthy", "ready": .bool(parts.state.isReady), "draining": .bool(parts.state.isDraining),
                ]
                if listener.apis.contains(.events) { health.merge(await events.health()) { _, new in new } }
                return Response(json: .object(health))
            }
        }
        let hasMetrics = parts.settings.current.telemetry.metrics
        let document = try document(of: listener, hasMetrics: hasMetrics)
        DocumentationRoutes(document.of(version: Antiphon.version)).addRoutes(to: routes)
        if hasMetrics {
            routes.needing(.metrics).get("metrics") { request, _ in
                let format = ExpositionFormat(accept: request.headers[.accept])
                let text = await offPool { parts.metrics.expose(format) }
                return Response(text: text, contentType: format.contentType)
            }
        }
        scope.know(RouteTable(router))
        assert(routes.undeclared.isEmpty, "routes that nobody may use: \(routes.undeclared)")
        return router
    }

    /// The description of what a listener offers.
    private func document(of listener: Listener, hasMetrics: Bool) throws -> OpenAPIDocument {
        var documents: [OpenAPIDocument] = []
        let sound = try SpeechAPI.document()
        if listener.apis.contains(.speech) {
            documents.append(listener.apis.contains(.openai) ? sound : sound.without(tag: "openai"))
        } else if listener.apis.contains(.openai) {
            documents.append(sound.only(tag: "openai"))
        }
        if listener.apis.contains(.events) { documents.append(try EventsAPI.document()) }
        let shared = try DocumentationRoutes.document()
        documents.append(hasMetrics ? shared : shared.without(path: "/metrics"))
        return documents.dropFirst().reduce(documents[0]) { $0.joined(with: $1) }
    }

    /// Whether requests need an API key. Throws `Problem` when they do and there is none.
    private func needsKey(_ settings: Settings, _ store: Store) async throws -> Bool {
        let isPublic = ServerCheck.isPublic(settings)
        switch settings.auth.required {
        case .never where !isPublic, .auto where !isPublic: return false
        case .never, .auto, .always: break
        }
        // Those of these networks can use it, even if nobody else can.
        if !settings.auth.trustedNetworks.isEmpty { return true }
        if try await !store.apiKeys.valid(limit: 1).isEmpty { return true }
        throw Problem(
            """
            An API key is needed\(isPublic ? ", because others can reach \(settings.bind)" : ""), and there is none; \
            make one with antiphon keys add NAME and the same options for settings and data, or name the networks whose \
            clients need none in auth.trusted_networks.
            """,
            status: Problem.usage
        )
    }

    private static func addresses(of bind: String) -> [String] {
        bind == "localhost" ? ["127.0.0.1", "::1"] : [bind]
    }
}
