public import NIOCore

/// A command with its arguments, written in the protocol when it is made and so ready to be sent.
///
/// Commands that change what a connection is for (`SUBSCRIBE`, `MONITOR`, `CLIENT REPLY`) or wait in the server
/// (`BLPOP`) do not belong on the shared connection of a ``RedisClient``.
public struct RedisCommand: Sendable {
    /// One argument: bytes of any kind.
    public enum Argument: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        /// A text, sent as UTF-8.
        case text(String)
        /// A number, sent in decimal.
        case number(Int)
        /// Bytes, sent as they are.
        case bytes(ByteBuffer)

        /// A text.
        public init(stringLiteral value: String) { self = .text(value) }
        /// A number.
        public init(integerLiteral value: Int) { self = .number(value) }
    }

    /// The name of the command, without its arguments, for messages.
    public let name: String
    let encoded: ByteBuffer

    /// A command such as `RedisCommand("SET", "key", .bytes(value))`.
    public init(_ name: String, _ arguments: Argument...) {
        self.init(name, arguments)
    }

    /// A command with a list of arguments.
    public init(_ name: String, _ arguments: [Argument]) {
        self.name = name
        var buffer = ByteBuffer()
        buffer.reserveCapacity(arguments.reduce(64) { $0 + $1.size + 16 })
        buffer.writeString("*\(arguments.count + 1)\r\n")
        buffer.writeArgument(name)
        for argument in arguments {
            switch argument {
            case .text(let text): buffer.writeArgument(text)
            case .number(let number): buffer.writeArgument(String(number))
            case .bytes(let bytes):
                buffer.writeString("$\(bytes.readableBytes)\r\n")
                buffer.writeImmutableBuffer(bytes)
                buffer.writeString("\r\n")
            }
        }
        encoded = buffer
    }
}

extension RedisCommand.Argument {
    fileprivate var size: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .number: 20
        case .bytes(let bytes): bytes.readableBytes
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeArgument(_ text: String) {
        writeString("$\(text.utf8.count)\r\n")
        writeString(text)
        writeString("\r\n")
    }
}
