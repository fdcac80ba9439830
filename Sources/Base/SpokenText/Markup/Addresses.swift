/// Shortens addresses to what people say of them.
enum Addresses {
    /// The longest word that is looked at as a whole, in scalars.
    static let longest = 256

    /// Whether the beginning of a word shows that it is an address, however it goes on.
    static func isAddress(_ word: some Sequence<Unicode.Scalar>) -> Bool {
        let text = word.prefix(longest).drop { openers.contains($0) }
        let string = String(String.UnicodeScalarView(text)).lowercased()
        return string.hasPrefix("www.") || scheme(of: string) != nil || string.hasPrefix("data:")
    }

    /// `word` with an address in it cut down to the host, and to the port if it names one: `(https://www.a.com/b?c),` is
    /// `(a.com),`. An e-mail address stays; a word without an address too.
    static func shortened(_ word: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard word.contains(where: { $0 == "/" || $0 == "@" || $0 == "." || $0 == ":" }) else { return word }
        let start = word.firstIndex { !openers.contains($0) } ?? word.endIndex
        var end = word.endIndex
        while end > start, closers.contains(word[end - 1]) { end -= 1 }
        // What stands before the bracket of "[text](address" is a text of its own.
        let core = Array(word[start..<end])
        guard let spoken = spoken(core) else { return word }
        let opening = word[..<start].filter { $0 != "<" }
        let closing = word[end...].filter { $0 != ">" && $0 != "/" }
        return opening + Array(spoken.unicodeScalars) + closing
    }

    private static let openers: Set<Unicode.Scalar> = ["(", "[", "{", "<", "\"", "'", "*", "_", "“", "‘", "«", "`"]
    private static let closers: Set<Unicode.Scalar> = [
        ")", "]", "}", ">", "\"", "'", "*", "_", "”", "’", "»", "`", ".", ",", ";", ":", "!", "?", "/",
    ]

    private static func spoken(_ core: [Unicode.Scalar]) -> String? {
        let text = String(String.UnicodeScalarView(core))
        let lower = text.lowercased()
        if lower.hasPrefix("data:"), lower.contains(",") { return "" }
        if lower.hasPrefix("mailto:") { return String(text.dropFirst(7).prefix { $0 != "?" }) }
        if lower.hasPrefix("tel:") { return String(text.dropFirst(4)) }
        if let scheme = scheme(of: lower) { return host(of: text.dropFirst(scheme.count + 3)) }
        if lower.hasPrefix("www."), text.count > 4 { return host(of: text[...]) }
        let beforePath = text.prefix { !"/?#:".contains($0) }
        guard beforePath.count < text.count, !text.contains("@"), isHost(beforePath) else { return nil }
        return host(of: text[...])
    }

    /// The scheme of `scheme://`, in small letters.
    private static func scheme(of text: String) -> Substring? {
        guard let end = text.firstIndex(of: ":"), text[end...].hasPrefix("://") else { return nil }
        let scheme = text[..<end]
        guard let first = scheme.first, first.isLetter, first.isASCII,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        return scheme
    }

    /// The host and the port of what follows a scheme; of a file its name.
    private static func host(of rest: Substring) -> String {
        var authority = rest.prefix { !"/?#\\".contains($0) }
        if authority.isEmpty { return String(rest.split(separator: "/").last ?? "") }
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        if authority.lowercased().hasPrefix("www."), authority.count > 4 { authority = authority.dropFirst(4) }
        guard let colon = authority.lastIndex(of: ":") else { return String(authority) }
        let port = authority[authority.index(after: colon)...]
        let host = authority[..<colon]
        return port.isEmpty || !port.allSatisfy(\.isNumber) ? String(host) : "\(host) port \(port)"
    }

    /// Whether `text` is a host's name under a well-known domain.
    static func isHost(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let domain = labels.last, domains.contains(domain.lowercased()) else { return false }
        return labels.allSatisfy { label in
            !label.isEmpty && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        }
    }

    private static let domains: Set<String> = Set(
        """
        ai app at au be biz blog br ca ch cloud cn co com cz de dev dk edu es eu example fi fr gov gr hu ie in info int \
        io it jp kr mil museum mx net nl no nz org pl pro pt ro ru se shop site sk store tech tv ua uk us wiki xyz za
        """.split(separator: " ").map(String.init)
    )
}
