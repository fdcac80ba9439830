/// A word with its place in a recording.
public struct TimedWord: Sendable, Equatable {
    /// The word.
    public var word: String
    /// Where it starts, in seconds.
    public var start: Double
    /// Where it ends, in seconds.
    public var end: Double

    /// A word.
    public init(word: String, start: Double, end: Double) {
        self.word = word
        self.start = start
        self.end = end
    }
}

extension Transcript.Segment {
    /// The words between white space, with times that are estimated: the recognisers know when a segment was said, not
    /// when a word was, so the segment's time is shared out by the number of characters, with one for the gap between two
    /// words. None when the segment ends before it starts.
    public var timedWords: [TimedWord] {
        let words = text.split(whereSeparator: \.isWhitespace)
        let total = words.reduce(words.count - 1) { $0 + $1.count }
        guard total > 0, end >= start else { return [] }
        func time(at offset: Int) -> Double { start + (end - start) * Double(offset) / Double(total) }
        var offset = 0
        return words.map { word in
            let length = word.count
            defer { offset += length + 1 }
            return TimedWord(word: String(word), start: time(at: offset), end: time(at: offset + length))
        }
    }
}
