extension SettingRule where Value == [AddressRange] {
    /// At most 100 networks that together are less than half of the addresses of hosts, of IPv4 as well as of IPv6: who
    /// trusts more trusts everybody, whether by `/0`, by halves, or by all but a few.
    static var networks: Self {
        let list = SettingRule.list(of: .addressRange, count: 0...100)
        return SettingRule(
            type: list.type,
            range: list.range + "; together less than half of all addresses",
            schema: list.schema,
            form: .list,
            read: { input throws(SettingMistake) in
                let networks = try list.read(input)
                guard !areMost(of: unicast, in: networks.filter { !$0.isSixteenBytes }),
                    !areMost(of: globalUnicast, in: networks.filter(\.isSixteenBytes))
                else {
                    throw SettingMistake(
                        "these networks are half of all addresses or more, so they would let everybody in; "
                            + "name those of your clients, such as `10.0.0.0/8`",
                        at: input.origin
                    )
                }
                return networks
            },
            write: list.write
        )
    }

    /// The addresses of hosts of IPv4: 1.0.0.0 to 223.255.255.255.
    private static var unicast: ClosedRange<UInt128> { 0x0100_0000...0xDFFF_FFFF }
    /// The addresses of IPv6 that are used on the Internet: 2000::/3.
    private static var globalUnicast: ClosedRange<UInt128> {
        UInt128(0x2) << 124...((UInt128(0x4) << 124) - 1)
    }

    /// Whether the networks, which may overlap, have half of `whole` or more.
    private static func areMost(of whole: ClosedRange<UInt128>, in networks: [AddressRange]) -> Bool {
        var next = whole.lowerBound
        var covered: UInt128 = 0
        for bounds in networks.map(\.bounds).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let start = Swift.max(next, bounds.lowerBound)
            let end = Swift.min(whole.upperBound, bounds.upperBound)
            guard start <= end else { continue }
            covered += end - start + 1
            next = end + 1
        }
        return covered >= (whole.upperBound - whole.lowerBound) / 2 + 1
    }
}
