import NIOSSL
public import Settings
import Synchronization

/// The certificate in use by the listeners of a server. Connections that are made later have the newest one.
public final class CertificateHolder: Sendable {
    private let settings: Settings
    private let certificate: Mutex<ServerCertificate>

    /// Holds a certificate that was read as `settings` say.
    public init(_ certificate: ServerCertificate, from settings: Settings) {
        self.certificate = Mutex(certificate)
        self.settings = settings
    }

    /// The certificate in use.
    public var current: ServerCertificate { certificate.withLock { $0 } }

    /// Reads the files again. Throws `CertificateError` for files that cannot be used; then the certificate stays as it is.
    /// Blocks while it reads.
    public func reload() throws(CertificateError) {
        guard let read = try ServerCertificate(settings) else { return }
        certificate.withLock { $0 = read }
    }
}
