/// The two laws of ITU-T G.711, by which a 16-bit sample becomes a byte with a sign, a segment and a step.
enum G711: Sendable {
    /// µ-law, of North America and Japan: 14-bit samples.
    case mu
    /// A-law, of the rest of the world: 13-bit samples.
    case a

    /// The byte whose value is nearest to `sample`.
    func encode(_ sample: Int16) -> UInt8 {
        switch self {
        case .mu: Self.encodeMu(Int(sample))
        case .a: Self.encodeA(Int(sample))
        }
    }

    /// The 16-bit sample that `byte` stands for.
    func decode(_ byte: UInt8) -> Int16 {
        switch self {
        case .mu: Self.decodeMu(Int(~byte))
        case .a: Self.decodeA(Int(byte ^ 0x55))
        }
    }

    /// The samples that `bytes` stand for, in -1...1.
    func decode(_ bytes: [UInt8]) -> [Float] {
        let table =
            switch self {
            case .mu: Self.muTable
            case .a: Self.aTable
            }
        return bytes.map { table[Int($0)] }
    }

    /// The sample of every byte.
    private static let muTable = (UInt8.min...UInt8.max).map { Float(G711.mu.decode($0)) / 32768 }
    private static let aTable = (UInt8.min...UInt8.max).map { Float(G711.a.decode($0)) / 32768 }

    // µ-law adds a bias of 33 (in 14 bits), so that the segment is the place of the highest bit. All bits are inverted.

    private static func encodeMu(_ sample: Int) -> UInt8 {
        let value = sample >> 2
        let magnitude = min(value < 0 ? -value : value, 8158) + 33
        let segment = bitWidth(magnitude) - 6
        let byte = (value < 0 ? 0x80 : 0) | segment << 4 | (magnitude >> (segment + 1) & 0xF)
        return ~UInt8(byte)
    }

    private static func decodeMu(_ byte: Int) -> Int16 {
        let magnitude = ((byte & 0xF) << 3 + 0x84) << (byte >> 4 & 7) - 0x84
        return Int16(byte & 0x80 == 0 ? magnitude : -magnitude)
    }

    // A-law has no bias; its two lowest segments share one step. Here the sign bit is set for values from 0 up, and
    // every second bit is inverted.

    private static func encodeA(_ sample: Int) -> UInt8 {
        let value = sample >> 3
        let magnitude = value < 0 ? ~value : value
        let segment = max(0, bitWidth(magnitude) - 5)
        let byte = (value < 0 ? 0 : 0x80) | segment << 4 | (magnitude >> max(1, segment) & 0xF)
        return UInt8(byte) ^ 0x55
    }

    private static func decodeA(_ byte: Int) -> Int16 {
        let segment = byte >> 4 & 7
        let step = (byte & 0xF) << 4 + 8
        let magnitude = segment == 0 ? step : (step + 0x100) << (segment - 1)
        return Int16(byte & 0x80 == 0 ? -magnitude : magnitude)
    }

    /// The number of bits up to the highest one that is set.
    private static func bitWidth(_ value: Int) -> Int { Int.bitWidth - value.leadingZeroBitCount }
}
