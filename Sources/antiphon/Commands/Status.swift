import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import Settings

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a server how it is.",
        discussion: """
            Exit status: 0 if it can do all its work and takes requests, even if an engine that another one stands in for is
            missing, 1 if it cannot, 2 if it does not answer.
            """
    )

    @Argument(help: "The server's address; that of the settings' first listener by default.")
    var url: String?

    @OptionGroup var settings: SettingsOptions

    @Flag(help: "Print the answer as JSON.")
    var json = false

    @Flag(help: "Accept any certificate, also one that is expired or of nobody known.")
    var insecure = false

    func run() async throws {
        let sources = settings.sources
        // With an address they only say which certificate is trusted.
        let settings =
            url == nil
            ? try SettingsOptions.load(sources).settings : (try? Settings.load(from: sources).settings) ?? Settings()
        let address = try Self.address(url ?? Self.url(of: settings))
        let body: ByteBuffer
        do {
            body = try await answer(of: HTTPClientRequest(url: address + "/health"), trusting: trust(settings))
        } catch {
            throw Problem(
                "\(address) does not answer (\(Self.reason(error))); is the server running?",
                status: Problem.usage
            )
        }
        guard let health = try? JSONDecoder().decode(Health.self, from: Foundation.Data(body.readableBytesView)) else {
            throw Problem("\(address)/health does not answer as Antiphon does.", status: Problem.usage)
        }
        if json {
            print(String(decoding: body.readableBytesView, as: UTF8.self))
        } else {
            let state =
                health.draining == true ? "is stopping" : health.ready == true ? "takes requests" : "is starting"
            let missing = health.missing
            let status = health.status == "healthy" && !missing.isEmpty ? "degraded" : health.status
            print("\(address) is \(status) and \(state).")
            if !missing.isEmpty {
                print("Engines of the settings that cannot be used: \(missing.joined(separator: ", ")).")
            }
        }
        if health.status != "healthy" || health.ready != true { throw ExitCode(Problem.failure) }
    }

    /// Where a server with these settings is found from this machine. Throws `Problem` if they do not say.
    private static func url(of settings: Settings) throws(Problem) -> String {
        guard let listener = settings.listeners.first, listener.port != 0 else {
            throw Problem(
                "The settings do not say at which port the server is; give its address.",
                status: Problem.usage
            )
        }
        let bind = listener.bind ?? settings.bind
        // What stands for all addresses of the machine is none by itself.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1", "localhost": "127.0.0.1"][bind] ?? bind
        let scheme = settings.speaksTLS(listener) ? "https" : "http"
        return "\(scheme)://" + (host.contains(":") ? "[\(host)]" : host) + ":\(listener.port)"
    }

    /// Scheme, host and port of a URL; what is missing is that of HTTP, and a path counts for nothing.
    private static func address(_ text: String) throws -> String {
        let text = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw Problem("'\(text)' is no address; write one such as http://127.0.0.1:8004.", status: Problem.usage)
        }
        guard let scheme = ["http": "http", "ws": "http", "https": "https", "wss": "https"][parts.scheme ?? ""] else {
            throw Problem("'\(text)' is no address of a server over HTTP.", status: Problem.usage)
        }
        return "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
    }

    /// What went wrong, in a few words.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case is NIOConnectionError: "the connection was refused"
        case NIOSSLError.handshakeFailed(.sslError(let reasons))
        where reasons.contains { $0.description.contains("CERTIFICATE_VERIFY_FAILED") }:
            "its certificate is not one of tls.certificate nor of a known authority, or not valid now; --insecure accepts it"
        case is NIOSSLExtraError: "its certificate is for another name; --insecure accepts it"
        case is NIOSSLError: "it does not speak TLS as this program does; is it http?"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        default: String("\(error)".prefix(120))
        }
    }

    /// Whose certificate is accepted: one of a known authority, and that of the settings. At the address of the settings
    /// the names in the certificate do not count, for they are seldom those of this machine's own interface.
    private func trust(_ settings: Settings) -> TLSConfiguration {
        var trust = TLSConfiguration.makeClientConfiguration()
        if insecure {
            trust.certificateVerification = .none
        } else {
            if url == nil { trust.certificateVerification = .noHostnameVerification }
            if let path = settings.tls.certificate, let own = try? NIOSSLCertificate.fromPEMFile(path) {
                trust.additionalTrustRoots = [.certificates(own)]
            }
        }
        return trust
    }

    private func answer(
        of request: HTTPClientRequest,
        trusting trust: TLSConfiguration
    ) async throws -> ByteBuffer {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = trust
        // A server that refuses the connection is not there.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await client.execute(request, timeout: .seconds(10)).body.collect(upTo: 1 << 20)
        }
    }

    private struct Health: Decodable {
        var status: String
        var ready, draining: Bool?
        var data: Data?

        struct Data: Decodable {
            var missing_engines: [Engine]?
        }

        struct Engine: Decodable {
            var name, role: String
        }

        /// The engines of the server's settings that cannot be used.
        var missing: [String] {
            (data?.missing_engines ?? []).map { "\($0.name) (\($0.role))" }
        }
    }
}
