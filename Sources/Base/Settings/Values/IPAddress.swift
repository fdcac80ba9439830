import Glibc

/// An IP address. An IPv4 address that is written as one of IPv6 (`::ffff:192.0.2.1`) is an IPv4 address.
public struct IPAddress: Hashable, Sendable {
    /// 4 or 16 bytes, the most significant first.
    let bytes: [UInt8]

    /// An address as text, without brackets, port or zone; nil for anything else.
    public init?(_ text: some StringProtocol) {
        // The longest is 45 characters.
        guard (2...45).contains(text.utf8.count), !text.utf8.contains(0) else { return nil }
        let text = String(text)
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
            return
        }
        var sixteen = in6_addr()
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let all = withUnsafeBytes(of: sixteen) { Array($0) }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        bytes = isMapped ? Array(all.suffix(4)) : all
    }
}

extension IPAddress: CustomStringConvertible {
    /// The address in its usual form, such as `192.0.2.1` or `2001:db8::1`.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else {
            return ""
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
