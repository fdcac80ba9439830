import Foundation
import Testing

@testable import Serving

@Suite struct CertificateValidityTests {
    private static let start = Date(timeIntervalSince1970: 1_000_000_000)
    private let validity = CertificateValidity(start: start, end: start + 90 * 86_400)

    @Test(arguments: [
        (-1.0, CertificateValidity.State.notYetValid), (0, .valid), (75.9, .valid), (76, .endsSoon), (89.9, .endsSoon),
        (90.1, .expired),
    ])
    func `a certificate is noticed from 14 days before its end on`(day: Double, state: CertificateValidity.State) {
        let now = Self.start + day * 86_400
        #expect(validity.state(at: now) == state)
        #expect((validity.warning(at: now) == nil) == (state == .valid))
        #expect(validity.warning(at: now)?.contains("tls.certificate") != false)
    }
}
