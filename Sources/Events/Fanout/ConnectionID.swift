import NIOCore

/// The identifier of a connection: a random UUID (version 4), which on the wire is 36 lower-case characters.
///
/// The characters are kept as they are written, because they are written once for each message and recipient. They are
/// in integers: vectors would be aligned more widely than the stack and the frames of asynchronous functions are.
public struct ConnectionID: Sendable, Hashable, CustomStringConvertible {
    /// The bytes of an identifier on the wire.
    public static let length = 36

    private let word0, word1, word2, word3: UInt64
    private let tail: UInt32

    /// A new identifier.
    public init() {
        var bits = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        bits.0 = bits.0 & ~0xF000 | 0x4000
        bits.1 = bits.1 & ~(0xC0 << 56) | 0x80 << 56
        let digits = Array("0123456789abcdef".utf8)
        var characters: [UInt8] = []
        characters.reserveCapacity(Self.length)
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { characters.append(UInt8(ascii: "-")) }
            let word = index < 16 ? bits.0 : bits.1
            characters.append(digits[Int(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15))) & 15])
        }
        (word0, word1, word2, word3, tail) = characters.withUnsafeBytes { bytes in
            (
                bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self),
                bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
            )
        }
    }

    /// As on the wire.
    public var description: String {
        withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The characters as bytes.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeTemporaryAllocation(byteCount: Self.length, alignment: 8) { bytes in
            bytes.storeBytes(of: word0, as: UInt64.self)
            bytes.storeBytes(of: word1, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: word2, toByteOffset: 16, as: UInt64.self)
            bytes.storeBytes(of: word3, toByteOffset: 24, as: UInt64.self)
            bytes.storeBytes(of: tail, toByteOffset: 32, as: UInt32.self)
            return body(UnsafeRawBufferPointer(bytes))
        }
    }
}

extension ByteBuffer {
    /// Overwrites 36 bytes with an identifier. The bytes are changed in place unless somebody else still has the buffer.
    mutating func set(_ id: ConnectionID, at index: Int) {
        id.withBytes { _ = setBytes($0, at: index) }
    }
}
