/// 16-bit signed little-endian samples.
struct PCM16Encoding: Encoding {
    func encode(_ samples: [Float]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: samples.count * 2) { bytes, count in
            for sample in samples {
                let value = UInt16(bitPattern: sample.int16Sample)
                bytes[count] = UInt8(truncatingIfNeeded: value)
                bytes[count + 1] = UInt8(truncatingIfNeeded: value >> 8)
                count += 2
            }
        }
    }

    func finish() -> [UInt8] { [] }

    /// The samples in `bytes`; half a sample at the end is left out.
    static func decode(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { index in
            Float(Int16(truncatingIfNeeded: Int(bytes[index]) | Int(bytes[index + 1]) << 8)) / 32768
        }
    }
}
