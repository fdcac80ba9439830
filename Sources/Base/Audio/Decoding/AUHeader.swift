/// The header of an AU file, in either order of bytes.
struct AUHeader {
    /// Where the samples begin.
    let start: Int
    /// How many bytes of samples there are, as the writer says; nil when it did not know.
    let size: Int?
    let isBigEndian: Bool

    /// The header at `offset`; nil when there is none that makes sense.
    init?(in window: inout ByteWindow, at offset: Int) {
        isBigEndian = window.reads(".snd", at: offset)
        guard isBigEndian || window.reads("dns.", at: offset) else { return nil }
        var words: [Int] = []
        for index in 1...5 {
            guard let word = window.integer(at: offset + index * 4, size: 4, bigEndian: isBigEndian) else { return nil }
            words.append(Int(word))
        }
        guard (24...65_536).contains(words[0]), (1...27).contains(words[2]), (1...0xFFFF).contains(words[4]) else {
            return nil
        }
        start = offset + words[0]
        size = words[1] == 0 || words[1] == Int(UInt32.max) ? nil : words[1]
    }
}
