import Speech

extension Transcript.Segment {
    /// The words without the punctuation around them, with estimated times in whole milliseconds.
    var estimatedWords: [TimedWord] {
        timedWords.compactMap { word in
            let bare = word.word[...].trimmingPunctuation
            guard !bare.isEmpty else { return nil }
            return TimedWord(word: String(bare), start: word.start.inMilliseconds, end: word.end.inMilliseconds)
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
