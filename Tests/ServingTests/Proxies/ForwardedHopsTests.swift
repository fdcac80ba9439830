import HTTPTypes
import Settings
import TestRandom
import Testing

@testable import Serving

@Suite struct ForwardedHopsTests {
    private let proxies = ["10.0.0.0/8", "fd00::/8", "127.0.0.1"].compactMap { AddressRange($0) }

    @Test(arguments: [
        ("192.0.2.60", "192.0.2.60"), ("  192.0.2.60\t", "192.0.2.60"), ("192.0.2.60:80", "192.0.2.60"),
        ("192.0.2.60:_port", "192.0.2.60"), ("2001:db8::17", "2001:db8::17"), ("[2001:db8::17]", "2001:db8::17"),
        ("[2001:DB8::17]:4711", "2001:db8::17"), ("::ffff:192.0.2.60", "192.0.2.60"),
        ("[::ffff:192.0.2.60]:1", "192.0.2.60"),
    ])
    func `a node is an address, perhaps with a port`(node: String, address: String) throws {
        let expected = try #require(IPAddress(address))
        #expect(ForwardedHops.hop(node) == .address(expected))
    }

    @Test(arguments: [
        "", " ", "unknown", "_hidden", "_SEVKISEK", "localhost", "192.0.2", "192.0.2.256", "192.0.2.60:",
        "192.0.2.60:x",
        "192.0.2.60:99999", "192.0.2.60:-1", "192.0.2.60 10.0.0.1", "[192.0.2.60]", "[2001:db8::17", "2001:db8::17]",
        "[2001:db8::17]x", "[fe80::1%eth0]", "fe80::1%eth0", "0x7f.1", "127.1", "[]", ":", "192.0.2.60/8", "\u{0}",
        "１９２.0.2.60", String(repeating: "1", count: 10_000),
    ])
    func `what is no address names nobody`(node: String) {
        #expect(ForwardedHops.hop(node) == .unnamed)
    }

    @Test(arguments: [
        ("for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60"]),
        ("For=\"[2001:db8:cafe::17]:4711\"", ["2001:db8:cafe::17"]),
        (
            "for=192.0.2.43, for=198.51.100.17;by=203.0.113.60;proto=http;host=example.com",
            ["192.0.2.43", "198.51.100.17"]
        ),
        ("for=192.0.2.43,for=unknown", ["192.0.2.43", "-"]), ("for=_gazonk", ["-"]), ("proto=https", ["-"]),
        ("", ["-"]),
        (";;for=192.0.2.43;;", ["192.0.2.43"]), ("for=\"192.\\0.2.43\"", ["192.0.2.43"]),
        ("by=\"a,for=1.2.3.4;b\";for=192.0.2.43", ["192.0.2.43"]), ("for=192.0.2.1;for=192.0.2.2", ["-"]),
    ])
    func `elements of Forwarded name hops`(value: String, hops: [String]) {
        #expect(ForwardedHops(forwarded: [value]).hops == hops.map { IPAddress($0).map { .address($0) } ?? .unnamed })
    }

    @Test(arguments: [
        "for=\"192.0.2.43", "for=192.0.2.43 for=192.0.2.44", "for", "for=", "for=,for=192.0.2.43", "=192.0.2.43",
        "for = 192.0.2.43", "for=[2001:db8::1]", "for=\"192.0.2.43\\", "for=192.0.2.43\"", "\"for\"=192.0.2.43", "🎈=1",
    ])
    func `a value of Forwarded that is not well-formed names nobody`(value: String) {
        #expect(ForwardedHops(forwarded: [value]).hops == [.unnamed])
    }

    @Test(arguments: [
        // Who is no proxy cannot say anything.
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        // What is to the left of the nearest stranger may be made up.
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("fd00::1", "2001:db8::9, fd00::2", "2001:db8::9"), ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        // All are proxies: the farthest asks on its own behalf.
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        // Who is not named stays behind the proxy that did not name it.
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"), ("10.0.0.1", "203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"), ("10.0.0.1", "203.0.113.9,", "10.0.0.1"),
    ])
    func `a request comes from the nearest who is no proxy`(peer: String, field: String, origin: String) throws {
        let hops = ForwardedHops(xForwardedFor: [field])
        let peer = try #require(IPAddress(peer))
        #expect(hops.origin(peer: peer, proxies: proxies).description == origin)
    }

    @Test func `several fields are one list`() throws {
        let hops = ForwardedHops(xForwardedFor: ["1.1.1.1", "203.0.113.9, 10.0.0.2"])
        let peer = try #require(IPAddress("10.0.0.1"))
        #expect(hops.origin(peer: peer, proxies: proxies).description == "203.0.113.9")
    }

    @Test func `only so many hops are looked at`() throws {
        let peer = try #require(IPAddress("10.0.0.1"))
        for count in [ForwardedHops.longest, 5000] {
            let list = ["203.0.113.9"] + Array(repeating: "10.0.0.2", count: count)
            #expect(ForwardedHops(xForwardedFor: [list.joined(separator: ", ")]).hops.count == ForwardedHops.longest)
            let standard = ForwardedHops(forwarded: [list.map { "for=" + $0 }.joined(separator: ", ")])
            #expect(standard.hops.count == ForwardedHops.longest)
            #expect(standard.origin(peer: peer, proxies: proxies).description == "10.0.0.2")
        }
    }

    @Test func `two fields that contradict each other tell nothing`() throws {
        let peer = try #require(IPAddress("10.0.0.1"))
        var fields: HTTPFields = [.forwarded: "for=203.0.113.9", .xForwardedFor: "203.0.113.9"]
        #expect(try ForwardedHops.origin(of: fields, peer: peer, proxies: proxies).description == "203.0.113.9")
        fields[.forwarded] = "for=1.1.1.1"
        #expect(throws: ForwardedHops.Failure.contradiction) {
            try ForwardedHops.origin(of: fields, peer: peer, proxies: proxies)
        }
        // A proxy that sets X-Real-IP alone passes on what the client wrote into the others.
        var real: HTTPFields = [.forwarded: "for=192.0.2.77"]
        real[try #require(HTTPField.Name("X-Real-IP"))] = "203.0.113.9"
        #expect(throws: ForwardedHops.Failure.contradiction) {
            try ForwardedHops.origin(of: real, peer: peer, proxies: proxies)
        }
        real[.forwarded] = nil
        #expect(try ForwardedHops.origin(of: real, peer: peer, proxies: proxies).description == "203.0.113.9")
        let stranger = try #require(IPAddress("192.0.2.1"))
        #expect(try ForwardedHops.origin(of: fields, peer: stranger, proxies: proxies) == stranger)
    }

    @Test(arguments: 0..<20) func `whatever comes, a stranger is never taken for another`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let stranger = "203.0.113.9"
        for _ in 0..<200 {
            let alphabet = Array("for=\"[]:;,.\\ 0123456789abcdef_unk")
            let forged = String(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                }
            )
            let peer = try #require(IPAddress("10.0.0.1"))
            let usual = ForwardedHops(xForwardedFor: [forged + "," + stranger])
            #expect(usual.origin(peer: peer, proxies: proxies).description == stranger)
            let standard = ForwardedHops(forwarded: [forged + ",for=" + stranger])
            let origin = standard.origin(peer: peer, proxies: proxies).description
            #expect(origin == stranger || origin == "10.0.0.1")
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwarded = constant("forwarded")
    fileprivate static let xForwardedFor = constant("x-forwarded-for")
}
