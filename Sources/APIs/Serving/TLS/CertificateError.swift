/// Why a certificate and its key cannot be used.
public struct CertificateError: Error, CustomStringConvertible, Equatable {
    /// One sentence or two, with the setting, the file and the remedy; never anything of the file's content.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
