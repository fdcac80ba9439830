/// Something a peer must not send: the close code that answers it and the reason in a few words.
struct ProtocolViolation: Error, Equatable {
    let code: CloseCode
    let reason: String

    static func broken(_ reason: String) -> ProtocolViolation {
        ProtocolViolation(code: .protocolError, reason: reason)
    }

    static func invalid(_ reason: String) -> ProtocolViolation {
        ProtocolViolation(code: .invalidPayload, reason: reason)
    }

    static func tooBig(_ reason: String) -> ProtocolViolation {
        ProtocolViolation(code: .tooBig, reason: reason)
    }
}
