/// The masking of client frames (RFC 6455, section 5.3): each byte is combined with one of the key's four in turn.
///
/// A key is held as the integer of its four bytes in little-endian order, the first byte lowest.
enum Masking {
    /// Writes `source` combined with `key` to `destination`, which has room for it. Both may be the same memory.
    static func apply(
        _ key: UInt32,
        from source: UnsafeRawBufferPointer,
        to destination: UnsafeMutableRawBufferPointer
    ) {
        precondition(destination.count >= source.count)
        guard let from = source.baseAddress, let to = destination.baseAddress else { return }
        let count = source.count
        let word = (UInt64(key) | UInt64(key) << 32).littleEndian
        let wide = SIMD4<UInt64>(repeating: word)
        var index = 0
        while index &+ 32 <= count {
            let bytes = from.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            to.storeBytes(of: bytes ^ wide, toByteOffset: index, as: SIMD4<UInt64>.self)
            index &+= 32
        }
        while index &+ 8 <= count {
            let bytes = from.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            to.storeBytes(of: bytes ^ word, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        while index < count {
            let keyByte = UInt8(truncatingIfNeeded: key &>> UInt32(truncatingIfNeeded: (index & 3) &* 8))
            let byte = from.loadUnaligned(fromByteOffset: index, as: UInt8.self)
            to.storeBytes(of: byte ^ keyByte, toByteOffset: index, as: UInt8.self)
            index &+= 1
        }
    }

    /// The key for the bytes that follow the first `count` ones.
    static func rotate(_ key: UInt32, by count: Int) -> UInt32 {
        let shift = UInt32(truncatingIfNeeded: (count & 3) &* 8)
        return shift == 0 ? key : key &>> shift | key &<< (32 &- shift)
    }
}
