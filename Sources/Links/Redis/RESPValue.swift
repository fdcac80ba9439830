public import NIOCore

/// A value of the Redis serialisation protocol: all of RESP2 and the parts of RESP3 that a client meets.
public enum RESPValue: Sendable, Equatable {
    /// A key and its value in a ``map(_:)``.
    public struct Pair: Sendable, Equatable {
        /// The key.
        public let key: RESPValue
        /// The value.
        public let value: RESPValue

        /// A key with its value.
        public init(key: RESPValue, value: RESPValue) {
            self.key = key
            self.value = value
        }
    }

    /// A short text such as `OK`; big numbers also arrive as this.
    case simple(String)
    /// An error reply: a code, a space, a sentence.
    case error(String)
    /// A signed 64-bit number.
    case integer(Int)
    /// Bytes. They may share storage with other parts of the same reply: copy what is kept for long.
    case bulk(ByteBuffer)
    /// No value.
    case null
    /// A list; RESP3 sets also arrive as this.
    case array([RESPValue])
    /// Keys with values, in the order sent.
    case map([Pair])
    /// A message that answers no command, such as a published message.
    case push([RESPValue])
    /// A floating-point number.
    case double(Double)
    /// True or false.
    case bool(Bool)

    /// The value as text: simple text, bytes read as UTF-8, or a number in decimal; nil for everything else.
    public var string: String? {
        switch self {
        case .simple(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .integer(let number): String(number)
        case .double(let number): String(number)
        default: nil
        }
    }

    /// The value as a number: an integer, or text that is one in decimal; nil for everything else.
    public var integer: Int? {
        switch self {
        case .integer(let number): number
        case .simple(let text): Int(text)
        case .bulk(let bytes): Int(String(buffer: bytes))
        default: nil
        }
    }

    /// The bytes of a bulk or simple value; nil for everything else.
    public var bytes: ByteBuffer? {
        switch self {
        case .bulk(let bytes): bytes
        case .simple(let text): ByteBuffer(string: text)
        default: nil
        }
    }

    /// The elements of an array or push; the keys and values of a map in turn; nil for everything else.
    public var elements: [RESPValue]? {
        switch self {
        case .array(let items), .push(let items): items
        case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
        default: nil
        }
    }
}
