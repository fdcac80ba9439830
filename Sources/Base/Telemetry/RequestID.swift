/// Names one inbound request in every log line, response header and event that it leads to.
///
/// An id made here is a lower-case ULID: 26 characters of Crockford's base 32 that sort by the time of making.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
    /// The header that carries the id in requests and responses.
    public static let headerName = "X-Request-ID"

    /// The id of the request that the current task works for, if any.
    @TaskLocal public static var current: RequestID?

    /// The id as it stands in headers and logs: 1 to 128 characters of `A-Za-z0-9._-`.
    public let description: String

    /// A new, random id.
    public init() {
        self.init(
            milliseconds: WallClock.milliseconds(),
            high: .random(in: .min ... .max),
            low: .random(in: .min ... .max)
        )
    }

    /// The id a client sent, or nil when it is not 1 to 128 characters of `A-Za-z0-9._-`.
    public init?(header: String) {
        let bytes = header.utf8
        guard (1...128).contains(bytes.count), bytes.allSatisfy(Self.isAllowed) else { return nil }
        description = header
    }

    /// Eight hexadecimal digits that stand for the id where readers expect as many: the first group of a UUID, of any
    /// other id a hash (FNV-1a, 32 bits). It follows from the id, so one who knows that knows this.
    public var short: String {
        let first = description.utf8.prefix { $0 != UInt8(ascii: "-") }
        if first.count == 8, first.allSatisfy(Self.isHexadecimal) {
            return String(decoding: first, as: UTF8.self).lowercased()
        }
        let hash = description.utf8.reduce(UInt32(0x811C_9DC5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// An id made `milliseconds` after 1970 with 80 random bits.
    init(milliseconds: Int64, high: UInt16, low: UInt64) {
        let time = UInt128(UInt64(max(0, milliseconds)) & 0xFFFF_FFFF_FFFF)
        let value = time << 80 | UInt128(high) << 64 | UInt128(low)
        let characters = stride(from: 125, through: 0, by: -5).map { shift in
            Self.alphabet[Int(truncatingIfNeeded: value >> UInt128(shift)) & 31]
        }
        description = String(decoding: characters, as: UTF8.self)
    }

    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        Unicode.Scalar(byte).properties.isASCIIHexDigit
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}
