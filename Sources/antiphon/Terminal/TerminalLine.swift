/// Text that is to stay on one line of a terminal.
enum TerminalLine {
    /// `text` without control characters, and with its middle left out if it is wider than `columns`. Names of files come
    /// first and how far the work is last, so both ends count.
    static func cut(_ text: String, to columns: Int) -> String {
        let shown = text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "?" : $0 }
        var width = 0
        for character in shown { width += self.width(character) }
        guard width > columns else { return String(shown) }
        let (tail, used) = end(shown.reversed(), columns / 2)
        let (head, _) = end(shown, columns - used - 1)
        return String(head) + "…" + String(tail.reversed())
    }

    /// The first of `characters` that fit into `columns`, and how many they take.
    private static func end(_ characters: [Character], _ columns: Int) -> ([Character], Int) {
        var used = 0
        var taken: [Character] = []
        for character in characters {
            guard used + width(character) <= columns else { break }
            used += width(character)
            taken.append(character)
        }
        return (taken, used)
    }

    /// Most scripts beyond Latin, Greek and Cyrillic may take two columns; to assume so keeps a line short enough.
    private static func width(_ character: Character) -> Int {
        (character.unicodeScalars.first?.value ?? 0) < 0x1100 || character == "…" ? 1 : 2
    }
}
