public import HTTPTypes
import Settings

extension FieldReader {
    /// Fields that are known, and checked elsewhere or not at all, but have no effect: those that are given will be named in
    /// the answer.
    public mutating func ignore(_ names: String...) {
        // They may be lists, of which several values are no contradiction.
        for name in names where !values(name).isEmpty { ignored.append(name) }
    }

    /// Fields that are read elsewhere, such as files.
    public mutating func know(_ names: String...) {
        for name in names { _ = value(name) }
    }

    /// Looks at the fields that nobody asked for; to be called after all others were read. Those that can only be meant as
    /// another are faults: the names in `meanings`, and those that are nearly the name of a field. The rest has no effect
    /// and is named in the answer, as clients may know fields that other servers have.
    public mutating func lookAtOthers(meaning meanings: [String: String] = [:]) {
        let known = known.sorted()
        for name in given where !self.known.contains(name) {
            let root = String(name.prefix { $0 != "[" })
            if known.contains(root) {
                ignored.append(name)
            } else if let meant = meanings[root.lowercased()] ?? FieldName(root).nearest(among: known) {
                let _: Void? = fault(name, "extra_forbidden", "There is no such field; did you mean \(meant)?")
            } else {
                ignored.append(name)
            }
        }
    }
}

/// A name of a field that there is not.
struct FieldName {
    private let name: String

    init(_ name: some StringProtocol) {
        self.name = String(name)
    }

    /// The one of `known` that it can only have been meant to be; nil if there is none: the same but for case and signs, as
    /// `responseFormat` is for `response_format`, or a letter off, or with two letters in each other's place. Of short names, one
    /// letter makes another word.
    func nearest(among known: some Sequence<String>) -> String? {
        let bare = Self.bare(name)
        if let same = known.first(where: { Self.bare($0) == bare }) { return same }
        guard name.utf8.count >= 5, name.utf8.count <= 64 else { return nil }
        return Suggestion.nearest(to: name, among: known, within: 1)
            ?? known.first { $0.utf8.sorted() == name.utf8.sorted() }
    }

    private static func bare(_ name: String) -> String {
        name.lowercased().filter { $0 != "_" && $0 != "-" }
    }
}

extension HTTPFields {
    /// Names the fields of the request that had no effect, in `X-Ignored-Fields`; nothing if there are none.
    public mutating func nameIgnored(_ names: [String]) {
        guard !names.isEmpty else { return }
        let shown = names.prefix(50).map { HeaderText.encode($0, limit: 64) }.joined(separator: ", ")
        self[.xIgnoredFields] = [self[.xIgnoredFields], shown].compactMap { $0 }.joined(separator: ", ")
    }
}
