/// What this end wants of permessage-deflate (RFC 7692).
///
/// Without context takeover every message is compressed on its own: the result is larger for short, similar messages,
/// but a connection holds no compressor between messages and a server can send one compressed frame to many clients.
public struct CompressionOptions: Sendable, Equatable {
    /// Whether the server compresses each message on its own.
    public let serverNoContextTakeover: Bool
    /// Whether the client compresses each message on its own.
    public let clientNoContextTakeover: Bool
    /// The server's window in bits, 9 to 15: how far back it looks for repetitions.
    public let serverMaxWindowBits: UInt8
    /// The client's window in bits, 9 to 15.
    public let clientMaxWindowBits: UInt8
    /// Effort, from 1 (fast) to 9 (small).
    public let level: UInt8
    /// Memory of the compressor, from 1 to 9; 8 takes 128 KiB besides the window, each step less halves it.
    public let memoryLevel: UInt8
    /// Messages below this size in bytes are sent uncompressed, at least 1.
    public let minimumBytes: UInt32

    /// Options; values outside their range are moved to its nearer end.
    public init(
        serverNoContextTakeover: Bool = true,
        clientNoContextTakeover: Bool = true,
        serverMaxWindowBits: Int = 15,
        clientMaxWindowBits: Int = 15,
        level: Int = 1,
        memoryLevel: Int = 8,
        minimumBytes: Int = 128
    ) {
        self.serverNoContextTakeover = serverNoContextTakeover
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverMaxWindowBits = UInt8(min(max(serverMaxWindowBits, 9), 15))
        self.clientMaxWindowBits = UInt8(min(max(clientMaxWindowBits, 9), 15))
        self.level = UInt8(min(max(level, 1), 9))
        self.memoryLevel = UInt8(min(max(memoryLevel, 1), 9))
        self.minimumBytes = UInt32(clamping: max(minimumBytes, 1))
    }
}
