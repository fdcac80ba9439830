import Speech

/// A word with its place in a recording.
struct TimedWord: Sendable, Equatable {
    /// The word without the punctuation around it.
    var word: String
    /// Where it starts, in seconds.
    var start: Double
    /// Where it ends, in seconds.
    var end: Double
}

extension Transcript.Segment {
    /// The words with times that are estimated: the recognisers know when a segment was said, not when a word was, so
    /// the segment's time is shared out by the number of characters, with one for the gap between two words.
    var estimatedWords: [TimedWord] {
        let words = text.split(whereSeparator: \.isWhitespace)
        let total = words.reduce(words.count - 1) { $0 + $1.count }
        guard total > 0, end >= start else { return [] }
        func time(at offset: Int) -> Double {
            (start + (end - start) * Double(offset) / Double(total)).inMilliseconds
        }
        var offset = 0
        return words.compactMap { word in
            defer { offset += word.count + 1 }
            let bare = word.trimmingPunctuation
            guard !bare.isEmpty else { return nil }
            return TimedWord(word: String(bare), start: time(at: offset), end: time(at: offset + word.count))
        }
    }
}

extension Double {
    /// Seconds rounded to whole milliseconds.
    var inMilliseconds: Double { (self * 1000).rounded() / 1000 }
}

extension Substring {
    fileprivate var trimmingPunctuation: Substring {
        var text = self
        while text.first?.isPunctuation == true { text.removeFirst() }
        while text.last?.isPunctuation == true { text.removeLast() }
        return text
    }
}
