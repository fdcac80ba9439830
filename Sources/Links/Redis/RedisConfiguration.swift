import NIOCore
public import NIOSSL

/// Where a Redis server is and how it is spoken to. Its description never shows the password.
public struct RedisConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// A name or address.
    public var host: String
    /// The port, 1 to 65535.
    public var port: Int
    /// The user; nil for the server's default user.
    public var user: String?
    /// The password; nil for none.
    public var password: String?
    /// The number of the database.
    public var database: Int
    /// How the connection is encrypted; nil for not at all.
    public var tls: TLSConfiguration?
    /// How long a connection may take to be made, greeting included.
    public var connectTimeout: Duration = .seconds(5)
    /// How long a command waits for its reply.
    public var commandTimeout: Duration = .seconds(5)
    /// How often the server is asked for a sign of life on each connection.
    public var pingInterval: Duration = .seconds(5)
    /// How long the sign of life may take; after it the connection is given up.
    public var pingTimeout: Duration = .seconds(5)
    /// The longest pause between two attempts to connect.
    public var maximumReconnectDelay: Duration = .seconds(5)
    /// Commands that may wait for replies on a connection.
    public var maximumCommandsInFlight = 10_000
    /// Bytes of commands that may wait for replies on a connection.
    public var maximumBytesInFlight = 64 << 20
    /// What one reply may be at most.
    public var limits = RESPLimits()

    /// A server given by its parts.
    public init(
        host: String,
        port: Int = 6379,
        user: String? = nil,
        password: String? = nil,
        database: Int = 0,
        tls: TLSConfiguration? = nil
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.tls = tls
    }

    /// A server given as `redis://[user:password@]host[:port][/database]`, or `rediss://…` for an encrypted connection.
    ///
    /// User and password may be percent-encoded; an IPv6 address stands in brackets.
    /// - Throws: ``RedisError/badAddress(_:)`` with a sentence that names what is wrong, never the password.
    public init(url: String) throws(RedisError) {
        let rest: Substring
        let tls: TLSConfiguration?
        if url.hasPrefix("redis://") {
            (rest, tls) = (url.dropFirst("redis://".count), nil)
        } else if url.hasPrefix("rediss://") {
            (rest, tls) = (url.dropFirst("rediss://".count), .makeClientConfiguration())
        } else {
            throw .badAddress("The Redis address must begin with redis:// or rediss://.")
        }
        // The last @ ends the credentials, as a password may hold one.
        let at = rest.lastIndex(of: "@")
        let credentials = at.map { rest[..<$0] }
        let place = at.map { rest[rest.index(after: $0)...] } ?? rest
        let parts = place.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let (host, port) = try Self.hostAndPort(parts[0])
        self.init(host: host, port: port, tls: tls)
        if parts.count > 1, !parts[1].isEmpty {
            guard let number = Int(parts[1]), (0...65_535).contains(number) else {
                throw .badAddress("The Redis address must end with the number of a database, as in redis://host/0.")
            }
            database = number
        }
        if let credentials {
            let pair = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let user = Self.decode(pair[0]), let password = Self.decode(pair[1]) else {
                throw .badAddress("The part before @ in the Redis address must be user:password, percent-encoded.")
            }
            self.user = user.isEmpty ? nil : user
            self.password = password
        }
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> (String, Int) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else {
                throw .badAddress("The IPv6 address in the Redis address has no closing bracket.")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw .badAddress("Only a port may follow the IPv6 address in the Redis address.")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = text.lastIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace), host.utf8.count <= 255 else {
            throw .badAddress("The Redis address names no host, as in redis://localhost:6379.")
        }
        guard let port else { return (String(host), 6379) }
        guard let number = Int(port), (1...65_535).contains(number) else {
            throw .badAddress("The port in the Redis address must be 1 to 65535.")
        }
        return (String(host), number)
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The address without user and password.
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(tls == nil ? "redis" : "rediss")://\(name):\(port)/\(database)"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }
}

extension RedisConfiguration: CustomReflectable {
    /// Shows nothing but the address, so that dumping a configuration does not show the password either.
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
