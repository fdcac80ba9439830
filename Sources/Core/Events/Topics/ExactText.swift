/// Text that equals other text byte for byte.
///
/// `String` takes two spellings of one character (composed and decomposed) for equal; clients do not.
struct ExactText: Hashable, Sendable {
    let text: String

    static func == (lhs: Self, rhs: Self) -> Bool {
        lhs.text.utf8.elementsEqual(rhs.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        // The hash of a string is the same for all spellings of its characters, of which somebody could send thousands.
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
