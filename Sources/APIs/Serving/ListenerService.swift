import Foundation
public import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle
public import Settings

/// One port on one address, serving a router until it is told to stop.
public struct ListenerService: Service {
    /// Why a listener cannot be opened.
    public struct Failure: Error, CustomStringConvertible {
        /// One sentence with the remedy.
        public let description: String
    }

    private let responder: RouterResponder<ServingContext>
    private let address: String
    private let port: Int
    private let http: ServerChannel.Configuration
    private let connections: ConnectionRegister
    private let certificate: CertificateHolder?
    private let logger: Logger
    private let isOptional: Bool
    private let onListening: @Sendable (Int?) async -> Void

    /// A listener on `address` and `port`; `onListening` is called with the port once it is open. One that is optional
    /// is passed over, with no port, on a machine that does not have the address. All listeners of a server share
    /// `connections`. One with a `certificate` speaks TLS.
    public init(
        router: Router<ServingContext>,
        address: String,
        port: Int,
        isOptional: Bool = false,
        settings: Settings,
        connections: ConnectionRegister,
        certificate: CertificateHolder? = nil,
        logger: Logger,
        onListening: @escaping @Sendable (Int?) async -> Void
    ) {
        responder = router.buildResponder()
        self.address = address
        self.port = port
        self.logger = logger
        self.isOptional = isOptional
        self.onListening = onListening
        self.connections = connections
        self.certificate = certificate
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = settings.http.maxHeaderBytes
        decoder.maxHeaderListSize = settings.http.maxHeaderBytes
        decoder.maxHeaderFieldCount = settings.http.maxHeaders
        http = ServerChannel.Configuration(
            decoder: decoder,
            headLimit: settings.http.requestTimeout,
            idleTimeout: settings.http.idleTimeout
        )
    }

    /// Opens the port for a moment, so that a port that cannot be had is noticed before others are opened. Throws
    /// `Failure`.
    public func tryOut() async throws {
        guard port != 0 else { return }
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Nobody is to be let in yet.
                .serverChannelOption(.autoRead, value: false)
                .bind(host: address, port: port).get()
            try await channel.close()
        } catch let error as IOError {
            guard !isPassedOver(error) else { return }
            throw failure(for: error) ?? error
        }
    }

    /// Serves until graceful shutdown. Throws `Failure` when the port is taken.
    public func run() async throws {
        let configuration = ApplicationConfiguration(address: .hostname(address, port: port), serverName: nil)
        let application = Application(
            responder: responder,
            server: HTTPServerBuilder { [http, connections, certificate] in
                ServerChannel(
                    responder: $0,
                    configuration: http,
                    connections: connections,
                    certificate: certificate
                )
            },
            configuration: configuration,
            onServerRunning: { channel in
                await addGate(to: channel)
                await onListening(channel.localAddress?.port ?? port)
            },
            logger: Logger(label: "hummingbird")
        )
        do {
            try await application.run()
        } catch let error as IOError {
            guard isPassedOver(error) else { throw failure(for: error) ?? error }
            await onListening(nil)
            try? await gracefulShutdown()
        }
    }

    /// Hummingbird lets nobody else add handlers before the socket listens.
    private func addGate(to channel: any Channel) async {
        let added = channel.eventLoop.submit { [connections, logger] in
            let gate = AcceptGate(connections: connections, logger: logger)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(gate, position: .first)
            // NIO's own, which sets connections up.
            let acceptor = try pipeline.context(name: "AcceptHandler").handler
            try pipeline.addHandler(AcceptFailures(logger: logger), position: .after(acceptor))
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        }
        do {
            try await added.get()
        } catch {
            // The listener is on its way out already.
            logger.debug("listening ended at once", metadata: ["reason": "\(error)"])
        }
    }

    private func isPassedOver(_ error: IOError) -> Bool {
        isOptional && [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.errnoCode)
    }

    private func failure(for error: IOError) -> Failure? {
        switch error.errnoCode {
        case EADDRINUSE:
            Failure(
                description: "Port \(port) on \(address) is taken\(Self.holder(of: port)); choose another with --port."
            )
        case EACCES: Failure(description: "Port \(port) may not be opened by this user; choose one above 1023.")
        case EADDRNOTAVAIL:
            Failure(description: "This machine does not have the address \(address); choose another with --host.")
        default: nil
        }
    }

    /// Who listens on a port, as far as /proc tells.
    static func holder(of port: Int) -> String {
        let inodes = Set(["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeningInodes($0, port) })
        guard !inodes.isEmpty else { return "" }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for process in processes where process.allSatisfy(\.isNumber) {
            let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd")) ?? []
            for descriptor in descriptors {
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/\(process)/fd/\(descriptor)"
                )
                guard let target, inodes.contains(target) else { continue }
                let name = (try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)) ?? ""
                return " by \(name.filter { !$0.isNewline }) (process \(process))"
            }
        }
        return " by another user's process"
    }

    private static func listeningInodes(_ table: String, _ port: Int) -> [String] {
        let lines = ((try? String(contentsOfFile: table, encoding: .utf8)) ?? "").split(separator: "\n").dropFirst()
        let wanted = ":" + String(format: "%04X", port)
        return lines.compactMap { line in
            let columns = line.split(separator: " ")
            // Column 1 is the local address, 3 the state (0A: listening), 9 the inode.
            guard columns.count > 9, columns[1].hasSuffix(wanted), columns[3] == "0A" else { return nil }
            return "socket:[\(columns[9])]"
        }
    }
}
