/// Text that equals other text byte for byte.
///
/// `String` takes two spellings of one character (composed and decomposed) for equal; clients do not.
struct ExactText: Hashable, Sendable {
    let text: String

    static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.text.utf8.elementsEqual(rhs.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        // Equal bytes make equal strings, so the hash of the string serves.
        hasher.combine(text)
    }
}
