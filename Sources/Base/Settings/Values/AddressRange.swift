/// IP addresses with the same first bits, such as `10.0.0.0/8`, or one address.
public struct AddressRange: Hashable, Sendable {
    private let first: IPAddress
    private let bits: Int

    /// An address, or the first address of a range and how many bits all of it have in common (CIDR); nil for anything
    /// else, also when bits behind those are set.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let start = parts.first, let address = IPAddress(start) else { return nil }
        let width = address.bytes.count * 8
        if parts.count == 2 {
            let count = parts[1]
            guard (1...3).contains(count.utf8.count), count.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let bits = Int(count), bits <= width
            else { return nil }
            self.bits = bits
        } else {
            bits = width
        }
        first = address
        guard isFirst else { return nil }
    }

    /// Whether an address is in the range. Ranges of IPv4 have no addresses of IPv6, and the other way round.
    public func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == first.bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole) == first.bytes.prefix(whole) else { return false }
        let rest = bits % 8
        return rest == 0 || (address.bytes[whole] ^ first.bytes[whole]) >> (8 - rest) == 0
    }

    /// The first and the last address as numbers; those of IPv4 take 32 bits.
    var bounds: ClosedRange<UInt128> {
        let start = first.bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let free = first.bytes.count * 8 - bits
        let rest = free == 128 ? UInt128.max : (UInt128(1) << UInt128(free)) - 1
        return start...(start | rest)
    }

    /// Whether it is of IPv6.
    var isSixteenBytes: Bool { first.bytes.count == 16 }

    /// Whether all bits behind the common ones are 0.
    private var isFirst: Bool {
        first.bytes.enumerated().allSatisfy { index, byte in
            let common = min(8, max(0, bits - index * 8))
            return common == 8 || byte & (0xFF >> UInt8(common)) == 0
        }
    }
}

extension AddressRange: CustomStringConvertible {
    /// Such as `10.0.0.0/8`; one address is written without its bits.
    public var description: String {
        bits == first.bytes.count * 8 ? first.description : "\(first)/\(bits)"
    }
}
