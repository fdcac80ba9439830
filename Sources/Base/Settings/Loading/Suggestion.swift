/// Finds what was probably meant.
package enum Suggestion {
    /// The one of `candidates` that is closest to `text`; nil when none is close: within `limit` letters, or a third of them.
    package static func nearest(
        to text: String,
        among candidates: some Sequence<String>,
        within limit: Int? = nil
    ) -> String? {
        guard text.utf8.count <= 80 else { return nil }
        let written = Array(text.lowercased().utf8)
        let allowed = limit ?? max(1, written.count / 3)
        var best: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(written, Array(candidate.lowercased().utf8))
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// The key that was probably meant by the path `text`: a similar path, or one that ends in the same name.
    static func key(near text: String, among paths: [String]) -> String? {
        let name = String(text.split(separator: ".").suffix(1).joined())
        let ending = paths.filter { $0.hasSuffix("." + name) }
        if ending.count == 1 { return ending.first }
        // In a section that there is, only its own keys are meant; those of a like name elsewhere are something else.
        if let dot = text.lastIndex(of: ".") {
            let section = String(text[...dot])
            let own = paths.filter { $0.hasPrefix(section) }.map { String($0.dropFirst(section.count)) }
            if !own.isEmpty { return nearest(to: name, among: own).map { section + $0 } }
        }
        return nearest(to: text, among: paths)
    }

    /// How many bytes must be inserted, removed or exchanged to turn one into the other.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let substitution = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, diagonal + 1, row[j] + 1)
            }
        }
        return row[right.count]
    }
}
