import Foundation
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
        var characters = UUID().uuidString.lowercased()
        (word0, word1, word2, word3, tail) = characters.withUTF8 { characters in
            let bytes = UnsafeRawBufferPointer(characters)
            return (
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
            write(to: bytes, at: 0)
            return body(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Writes the characters at an offset.
    func write(to bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: word0, toByteOffset: offset, as: UInt64.self)
        bytes.storeBytes(of: word1, toByteOffset: offset + 8, as: UInt64.self)
        bytes.storeBytes(of: word2, toByteOffset: offset + 16, as: UInt64.self)
        bytes.storeBytes(of: word3, toByteOffset: offset + 24, as: UInt64.self)
        bytes.storeBytes(of: tail, toByteOffset: offset + 32, as: UInt32.self)
    }
}

extension ByteBuffer {
    /// Overwrites 36 bytes with an identifier. The bytes are changed in place unless somebody else still has the buffer.
    mutating func set(_ id: ConnectionID, at index: Int) {
        id.withBytes { _ = setBytes($0, at: index) }
    }
}
