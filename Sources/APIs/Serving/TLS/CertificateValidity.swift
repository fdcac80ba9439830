public import Foundation

/// When a certificate is valid.
public struct CertificateValidity: Sendable, Equatable {
    /// How a certificate is at some time.
    public enum State: String, Sendable {
        /// It is valid for more than ``CertificateValidity/notice``.
        case valid
        /// It is valid and will not be for much longer.
        case endsSoon = "ends_soon"
        /// It is not valid any more.
        case expired
        /// It is not valid yet; perhaps the clock is wrong.
        case notYetValid = "not_yet_valid"
    }

    /// How long before its end a certificate should be renewed: 14 days.
    public static let notice: TimeInterval = 14 * 86_400

    /// The first moment.
    public let start: Date
    /// The last moment.
    public let end: Date

    /// A certificate that is valid from `start` to `end`.
    public init(start: Date, end: Date) {
        self.start = start
        self.end = end
    }

    /// How the certificate is at `now`.
    public func state(at now: Date) -> State {
        if now < start { return .notYetValid }
        if now > end { return .expired }
        return end.timeIntervalSince(now) <= Self.notice ? .endsSoon : .valid
    }

    /// What to say of a certificate that needs attention at `now`; nil when all is well.
    public func warning(at now: Date) -> String? {
        switch state(at: now) {
        case .valid: nil
        case .endsSoon:
            "The certificate of tls.certificate ends on \(Self.text(end)); renew it, then send the server SIGHUP."
        case .expired:
            "The certificate of tls.certificate has expired on \(Self.text(end)), and clients refuse it; renew it, then send the server SIGHUP."
        case .notYetValid:
            "The certificate of tls.certificate is valid from \(Self.text(start)) on only, and clients refuse it until then; is the clock right?"
        }
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }
}
