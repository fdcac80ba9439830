// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `tls`.
public struct TLSKeys: SettingGroup {
    public static let title = "TLS"
    public static let summary = "Encryption of the listeners. [tls.md](tls.md) says how to make a certificate."

    public let certificate = SettingKey(
        "tls.certificate",
        .optional(.string(longest: 4096)),
        default: nil,
        .restart,
        "The file with the server's certificate in PEM form, and behind it those that lead to an authority. With it every listener speaks TLS that does not say `tls: false`. The file is read again on SIGHUP."
    )
    public let key = SettingKey(
        "tls.key",
        .optional(.string(longest: 4096)),
        default: nil,
        .restart,
        "The file with the certificate's private key in PEM form, without a passphrase. It is read again on SIGHUP."
    )
}
