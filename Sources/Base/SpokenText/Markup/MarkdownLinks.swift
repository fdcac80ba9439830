/// Replaces Markdown links and images by their text.
enum MarkdownLinks {
    /// `scalars` with `[text](address)`, `![text](address)` and `[text][name]` replaced by `text`, and without footnote
    /// marks such as `[^1]`. Looks at each scalar a bounded
    /// number of times, however brackets are nested.
    static func removed(from scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        guard scalars.contains("[") else { return scalars }
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(scalars.count)
        /// Places in the output of brackets that may begin a link.
        var opened: [Int] = []
        /// Places in the output to leave out in the end, because they did begin one.
        var marks: Set<Int> = []
        var addresses = AddressEnds(scalars: scalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar == "[", let end = endOfNote(in: scalars, at: index) {
                index = end
                continue
            }
            if scalar == "[" { opened.append(output.count) }
            let isEmpty = scalars[index...].starts(with: "]()".unicodeScalars)
            if isEmpty, opened.isEmpty {
                // The link began in the piece before.
                index += 3
                continue
            }
            if scalar == "]", let start = opened.popLast(), let end = addresses.end(after: index) {
                marks.insert(start)
                if start > 0, output[start - 1] == "!" { marks.insert(start - 1) }
                index = end
                continue
            }
            output.append(scalar)
            index += 1
        }
        return marks.isEmpty ? output : output.indices.filter { !marks.contains($0) }.map { output[$0] }
    }

    private static let longestName = 40

    /// The place behind a footnote mark that begins at `index`.
    private static func endOfNote(in scalars: [Unicode.Scalar], at index: Int) -> Int? {
        guard index + 1 < scalars.count, scalars[index + 1] == "^" else { return nil }
        let name = scalars[(index + 2)...].prefix(longestName).prefix { !$0.isSpace && $0 != "]" && $0 != "[" }
        guard !name.isEmpty, name.endIndex < scalars.count, scalars[name.endIndex] == "]" else { return nil }
        return name.endIndex + 1
    }

    /// Finds the bracket that closes an address, or the name of one.
    private struct AddressEnds {
        let scalars: [Unicode.Scalar]
        /// The first closing bracket or line break at or after every place asked about so far.
        private var nextStop = 0

        init(scalars: [Unicode.Scalar]) {
            self.scalars = scalars
        }

        /// The place behind the address in brackets that follows `index`, if there is one on the same line. Must be
        /// called with rising indexes.
        mutating func end(after index: Int) -> Int? {
            let start = index + 2
            guard start < scalars.count else { return nil }
            if scalars[start - 1] == "[" { return endOfName(from: start) }
            guard scalars[start - 1] == "(" else { return nil }
            nextStop = max(nextStop, start)
            while nextStop < scalars.count, scalars[nextStop] != ")", !scalars[nextStop].isLineBreak {
                nextStop += 1
            }
            return nextStop < scalars.count && scalars[nextStop] == ")" ? nextStop + 1 : nil
        }

        private func endOfName(from start: Int) -> Int? {
            let name = scalars[start...].prefix(longestName).prefix { $0 != "]" && $0 != "[" && !$0.isLineBreak }
            return name.endIndex < scalars.count && scalars[name.endIndex] == "]" ? name.endIndex + 1 : nil
        }
    }
}
