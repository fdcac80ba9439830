/// Why a connection ends (RFC 6455, section 7.4, and the registry of close codes).
public struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number sent in the close frame.
    public let rawValue: UInt16

    /// The code of the given number, valid or not.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose of the connection is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// The server shuts down or the page is left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// The peer broke the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// A kind of data that cannot be accepted, such as binary where text is expected.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// The close frame held no code. Never sent.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// The connection ended without a close frame. Never sent.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// Data that does not fit its type, such as text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// A message against the rules of the service.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// A message larger than the limit.
    public static let tooBig = CloseCode(rawValue: 1009)
    /// Something unexpected went wrong here.
    public static let serverError = CloseCode(rawValue: 1011)
    /// The server restarts; connect again after a random delay.
    public static let restart = CloseCode(rawValue: 1012)
    /// The server is overloaded or the client reads too slowly; connect again later.
    public static let tryAgainLater = CloseCode(rawValue: 1013)

    /// The peer sends more than it may; connect again and send more slowly. As the HTTP status 429.
    public static let tooManyMessages = CloseCode(rawValue: 4429)

    /// Whether the code may stand in a close frame: 1000 to 1003, 1007 to 1014 and 3000 to 4999.
    public var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// The number.
    public var description: String { String(rawValue) }
}
