/// What both ends of a connection have agreed on for permessage-deflate.
public struct CompressionParameters: Sendable, Equatable {
    /// Whether the server compresses each message on its own.
    public internal(set) var serverNoContextTakeover: Bool
    /// Whether the client compresses each message on its own.
    public internal(set) var clientNoContextTakeover: Bool
    /// The largest window the server compresses with, in bits, 8 to 15.
    public internal(set) var serverMaxWindowBits: UInt8
    /// The largest window the client compresses with, in bits, 8 to 15.
    public internal(set) var clientMaxWindowBits: UInt8
    /// Effort of compression, 1 to 9; no matter of agreement.
    public let level: UInt8
    /// Memory of the compressor, 1 to 9; no matter of agreement.
    public let memoryLevel: UInt8
    /// Messages below this size in bytes are sent uncompressed; no matter of agreement.
    public let minimumBytes: UInt32

    /// The parameters that `options` lead to when the peer adds nothing.
    public init(_ options: CompressionOptions) {
        serverNoContextTakeover = options.serverNoContextTakeover
        clientNoContextTakeover = options.clientNoContextTakeover
        serverMaxWindowBits = options.serverMaxWindowBits
        clientMaxWindowBits = options.clientMaxWindowBits
        level = options.level
        memoryLevel = options.memoryLevel
        minimumBytes = options.minimumBytes
    }

    /// Whether what `role` sends depends on what it sent before.
    func keepsContext(of role: Role) -> Bool {
        role == .server ? !serverNoContextTakeover : !clientNoContextTakeover
    }

    /// The window of what `role` sends, as zlib takes it: 9 to 15. A larger window than agreed on can always inflate.
    func windowBits(of role: Role) -> Int {
        Int(max(9, role == .server ? serverMaxWindowBits : clientMaxWindowBits))
    }

    /// A compressor for what `role` sends; nil when there is no memory for it.
    public func makeDeflater(for role: Role) -> Deflater? {
        Deflater(
            windowBits: windowBits(of: role),
            level: Int(level),
            memoryLevel: Int(memoryLevel),
            keepsContext: keepsContext(of: role)
        )
    }
}
