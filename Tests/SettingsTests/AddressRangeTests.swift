import Testing

@testable import Settings

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.128/25", "192.0.2.200", true),
        ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("0.0.0.0/0", "255.1.2.3", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true),
        ("::/0", "127.0.0.1", false), ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::1", "::1", true), ("127.0.0.0/8", "::ffff:127.0.0.1", true),
        ("10.1.2.3/32", "10.1.2.3", true),
    ])
    func `a range has the addresses that begin like it`(range: String, address: String, isIn: Bool) throws {
        let range = try #require(AddressRange(range))
        let address = try #require(IPAddress(address))
        #expect(range.contains(address) == isIn)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.1/8",
        "10.0.0.0/ 8",
        "10.0/16", "localhost", "*", "::/129", "::1/64", "[::1]", "fe80::1%1", "::ffff:10.0.0.0/104", "10.0.0.0/008x",
        "10.0.0.0/0x8",
    ])
    func `what is no range is none`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("10.1.2.3/32", "10.1.2.3"), ("FD00:0::/8", "fd00::/8"), ("::1", "::1"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
    ])
    func `a range is written as it is read`(text: String, written: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.description == written)
        #expect(AddressRange(range.description) == range)
    }

    @Test func `the settings take ranges and refuse anything else with its place`() throws {
        let settings = try Settings(["http.trusted_proxies": ["10.0.0.0/8", "::1"]])
        #expect(settings.http.trustedProxies.map(\.description) == ["10.0.0.0/8", "::1"])
        #expect(throws: SettingsError.self) { try Settings(["http.trusted_proxies": ["10.0.0.1/8"]]) }
        #expect(throws: SettingsError.self) { try Settings(["http.trusted_proxies": ["example.org"]]) }
    }
}
