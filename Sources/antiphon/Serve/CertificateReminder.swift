import Foundation
import Logging
import ServiceLifecycle
import Serving

/// Logs once a day when the certificate of the listeners should be renewed. What is so at the start, `ServerCheck` says.
struct CertificateReminder: Service {
    private static let interval: Duration = .seconds(86_400)

    /// Nil when no listener speaks TLS.
    let certificate: CertificateHolder?
    let logger: Logger

    func run() async throws {
        guard let certificate else { return try await gracefulShutdown() }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                if let warning = certificate.current.validity.warning(at: Date()) { logger.warning("\(warning)") }
            }
        }
    }
}
