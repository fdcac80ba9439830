import Foundation
import NIOCore
import NIOSSL
public import Settings

/// The certificate with which listeners speak TLS, read from its files and checked.
public struct ServerCertificate: Sendable {
    /// The file of the certificate.
    public let path: String
    /// When it is valid; of a chain, when all of it is.
    public let validity: CertificateValidity
    let context: NIOSSLContext

    private static let largest = 1_048_576

    /// Reads the files that the settings name; nil when they name none. Throws `CertificateError`. Blocks while it reads.
    public init?(_ settings: Settings) throws(CertificateError) {
        switch (settings.tls.certificate, settings.tls.key) {
        case (let certificate?, let key?): try self.init(certificate: certificate, key: key)
        case (nil, nil):
            guard let listener = settings.listeners.first(where: { $0.tls == true }) else { return nil }
            throw CertificateError(
                "listeners: the one on port \(listener.port) has tls: true; set tls.certificate and tls.key to the files of its certificate and key."
            )
        case (_?, nil):
            throw CertificateError(
                "tls.certificate is set and tls.key is not; set both, tls.key to the file of the private key."
            )
        case (nil, _?):
            throw CertificateError("tls.key is set and tls.certificate is not; set both, or neither.")
        }
    }

    /// Reads a certificate with those that lead from it to an authority, and its key, from files in PEM form.
    init(certificate path: String, key keyPath: String) throws(CertificateError) {
        let chain = try Self.chain(path)
        let key = try Self.key(keyPath)
        do {
            context = try NIOSSLContext(configuration: Self.configuration(chain, key))
        } catch {
            // Only the key can be one for another certificate; both have been understood.
            let isLater = chain.dropFirst().contains {
                (try? NIOSSLContext(configuration: Self.configuration([$0], key))) != nil
            }
            throw CertificateError(
                isLater
                    ? "tls.certificate: the certificate of the key is not the first one in \(path); put it first, then those that lead to its authority."
                    : "tls.key: \(keyPath) is not the key of the certificate in tls.certificate (\(path)); name the two that were made together."
            )
        }
        self.path = path
        validity = CertificateValidity(
            start: chain.map { Date(timeIntervalSince1970: TimeInterval($0.notValidBefore)) }.max() ?? .distantPast,
            end: chain.map { Date(timeIntervalSince1970: TimeInterval($0.notValidAfter)) }.min() ?? .distantFuture
        )
    }

    private static func configuration(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        // Of TLS 1.2 only what keeps past connections secret when the key is stolen, and is used by browsers of today.
        configuration.cipherSuites = "ECDH+AESGCM:ECDH+CHACHA20"
        configuration.applicationProtocols = ["http/1.1"]
        // How long a client may take to agree to the end of TLS; it has all that was written by then, or will not read it.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }

    private static func chain(_ path: String) throws(CertificateError) -> [NIOSSLCertificate] {
        let bytes = try content(of: path, for: "tls.certificate")
        guard let chain = try? NIOSSLCertificate.fromPEMBytes(bytes), !chain.isEmpty else {
            throw CertificateError(
                "tls.certificate: there is no certificate in PEM form in \(path) (it begins with -----BEGIN CERTIFICATE-----), or one of them is damaged; openssl x509 -in FILE -inform DER makes it of another form."
            )
        }
        return chain
    }

    private static func key(_ path: String) throws(CertificateError) -> NIOSSLPrivateKey {
        let bytes = try content(of: path, for: "tls.key")
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.contains("BEGIN ENCRYPTED PRIVATE KEY"), !text.contains("Proc-Type: 4,ENCRYPTED") else {
            throw CertificateError(
                "tls.key: the key in \(path) has a passphrase, which nobody is there to type; openssl pkey -in FILE -out NEW takes it off. Let only the server's user read the new file."
            )
        }
        guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
            throw CertificateError(
                "tls.key: there is no private key in PEM form in \(path) (it begins with -----BEGIN PRIVATE KEY-----), or it is damaged."
            )
        }
        return key
    }

    private static func content(of path: String, for setting: String) throws(CertificateError) -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CertificateError("\(setting): there is no file \(path).")
        }
        guard !isFolder.boolValue else { throw CertificateError("\(setting): \(path) is a folder; name a file in it.") }
        let attributes = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            let size = attributes?[.size] as? NSNumber, size.intValue <= largest
        else {
            throw CertificateError("\(setting): \(path) is no file of at most 1 MiB, as certificates and keys are.")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CertificateError("\(setting): \(path) may not be read by this user.")
        }
        guard !data.isEmpty else { throw CertificateError("\(setting): \(path) is empty.") }
        return Array(data)
    }
}
