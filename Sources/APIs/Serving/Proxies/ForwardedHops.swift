import HTTPTypes
import Settings

/// Who handed a request on to whom, as the fields `Forwarded` (RFC 7239) and `X-Forwarded-For` tell: the first is farthest
/// away.
///
/// Everybody on the way may have written anything into them, so only what a known proxy added counts.
struct ForwardedHops: Equatable, Sendable {
    /// One who handed the request on.
    enum Hop: Equatable, Sendable {
        /// By its address.
        case address(IPAddress)
        /// Without one: unknown, a made-up name, or nothing that can be understood.
        case unnamed
    }

    /// Why nothing can be told.
    enum Failure: Error, Equatable {
        /// The fields name different addresses; a proxy has set one of them and passed another one on.
        case contradiction
    }

    /// How many hops are looked at, from the nearest one on.
    static let longest = 32

    /// The hops, the nearest last; at most ``longest``.
    let hops: [Hop]

    /// Names of the fields with which proxies tell that they are there.
    private static let names: [HTTPField.Name] = [
        .forwarded, .xForwardedFor, .constant("x-forwarded-host"), .constant("x-forwarded-proto"),
        .xRealIP,
    ]

    /// Whether some proxy says in the fields of a request that it is there.
    static func areIn(_ fields: HTTPFields) -> Bool {
        names.contains { fields.contains($0) }
    }

    init(hops: [Hop]) {
        self.hops = Array(hops.suffix(Self.longest))
    }

    /// The hops that values of `Forwarded` name; a value that is not well-formed names nobody.
    init(forwarded values: [String]) {
        self.init(hops: values.flatMap { Self.elements($0) ?? [.unnamed] })
    }

    /// The hops that values of `X-Forwarded-For` name.
    init(xForwardedFor values: [String]) {
        self.init(
            hops: values.flatMap { value in
                value.split(separator: ",", omittingEmptySubsequences: false).suffix(Self.longest + 1).map(Self.hop)
            }
        )
    }

    /// Where a request comes from that arrived from `peer`: the nearest who is none of the `proxies`.
    ///
    /// Where a proxy does not name whom it got the request from, it is the proxy itself.
    func origin(peer: IPAddress, proxies: [AddressRange]) -> IPAddress {
        var origin = peer
        for hop in hops.reversed() {
            guard proxies.contains(where: { $0.contains(origin) }) else { return origin }
            guard case .address(let address) = hop else { return origin }
            origin = address
        }
        return origin
    }

    /// Where a request with these fields comes from that arrived from `peer`. Throws `Failure`.
    static func origin(
        of fields: HTTPFields,
        peer: IPAddress,
        proxies: [AddressRange]
    ) throws(Failure) -> IPAddress {
        guard proxies.contains(where: { $0.contains(peer) }) else { return peer }
        let standard = fields[values: .forwarded]
        let usual = fields[values: .xForwardedFor]
        let real = fields[values: .xRealIP]
        let origins = [
            standard.isEmpty ? nil : ForwardedHops(forwarded: standard),
            usual.isEmpty ? nil : ForwardedHops(xForwardedFor: usual),
            // What some proxies set alone. Others may then have written the fields above.
            real.isEmpty ? nil : ForwardedHops(hops: real.map { hop($0) }),
        ].compactMap { $0?.origin(peer: peer, proxies: proxies) }
        guard let first = origins.first else { return peer }
        guard origins.allSatisfy({ $0 == first }) else { throw .contradiction }
        return first
    }

    /// The hops of one value of `Forwarded`; nil if it is not well-formed.
    private static func elements(_ value: String) -> [Hop]? {
        var hops: [Hop] = []
        var element = ForwardedElement()
        var rest = value.utf8[...]
        while true {
            guard let end = element.readPair(&rest) else { return nil }
            switch end {
            case .pair: continue
            case .element: hops.append(element.hop)
            case .value:
                hops.append(element.hop)
                return hops
            }
            element = ForwardedElement()
            if hops.count > 2 * longest { hops.removeFirst(longest) }
        }
    }

    /// A node: an address, perhaps with a port. One of IPv6 may be in brackets.
    static func hop(_ node: some StringProtocol) -> Hop {
        let text = node.drop { $0 == " " || $0 == "\t" }
        let node = text.prefix { $0 != " " && $0 != "\t" }
        guard node.utf8.count <= 64, text.dropFirst(node.count).allSatisfy({ $0 == " " || $0 == "\t" }) else {
            return .unnamed
        }
        if let address = IPAddress(node) { return .address(address) }
        if node.hasPrefix("[") {
            guard let end = node.firstIndex(of: "]"), isPort(node[node.index(after: end)...]) else { return .unnamed }
            let inside = node[node.index(after: node.startIndex)..<end]
            guard inside.contains(":"), let address = IPAddress(inside) else { return .unnamed }
            return .address(address)
        }
        guard let colon = node.firstIndex(of: ":"), isPort(node[colon...]), let address = IPAddress(node[..<colon])
        else { return .unnamed }
        return .address(address)
    }

    /// Nothing, or a colon with a port or a made-up name for one.
    private static func isPort(_ text: some StringProtocol) -> Bool {
        guard let first = text.first else { return true }
        let port = text.dropFirst()
        guard first == ":", !port.isEmpty else { return false }
        if port.first == "_" {
            return port.utf8.count > 1
                && port.utf8.allSatisfy { ForwardedElement.isNameByte($0) }
        }
        return port.utf8.allSatisfy { (0x30...0x39).contains($0) } && UInt16(port) != nil
    }
}

/// One element of `Forwarded`: pairs of names and values, of which only `for` matters.
private struct ForwardedElement {
    /// What is behind a pair.
    enum End {
        case pair
        case element
        case value
    }

    private var node: String?
    private var isRepeated = false

    /// The hop that the element names.
    var hop: ForwardedHops.Hop {
        guard let node, !isRepeated else { return .unnamed }
        return ForwardedHops.hop(node)
    }

    /// Reads a pair, which may be empty, and what is behind it. Nil if it is not well-formed.
    mutating func readPair(_ rest: inout Substring.UTF8View.SubSequence) -> End? {
        skipSpaces(&rest)
        let name = rest.prefix(while: Self.isToken)
        rest = rest.dropFirst(name.count)
        if !name.isEmpty {
            guard rest.popFirst() == UInt8(ascii: "="), let value = readValue(&rest) else { return nil }
            if String(Substring(name)).lowercased() == "for" {
                isRepeated = node != nil
                node = value
            }
        }
        skipSpaces(&rest)
        switch rest.popFirst() {
        case nil: return .value
        case UInt8(ascii: ";"): return .pair
        case UInt8(ascii: ","): return .element
        default: return nil
        }
    }

    private func readValue(_ rest: inout Substring.UTF8View.SubSequence) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            let token = rest.prefix(while: Self.isToken)
            rest = rest.dropFirst(token.count)
            return token.isEmpty ? nil : String(Substring(token))
        }
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private func skipSpaces(_ rest: inout Substring.UTF8View.SubSequence) {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
    }

    /// A byte of a token of HTTP.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// A byte of a made-up name.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwarded = constant("forwarded")
    fileprivate static let xForwardedFor = constant("x-forwarded-for")
    fileprivate static let xRealIP = constant("x-real-ip")
}
