import Speech
import Testing

@testable import OpenAIAPI

@Suite
struct WordTimesTests {
    private static func words(_ text: String, _ start: Double = 0, _ end: Double = 1) -> [TimedWord] {
        Transcript.Segment(text: text, start: start, end: end).estimatedWords
    }

    @Test func `a segment's time is shared out by characters`() {
        // Ten characters with the gap between the words.
        #expect(
            Self.words("abcd efghi", 2, 4) == [
                TimedWord(word: "abcd", start: 2, end: 2.8), TimedWord(word: "efghi", start: 3, end: 4),
            ]
        )
    }

    @Test func `one word has the whole time`() {
        #expect(Self.words("Hello.", 0.5, 1.25) == [TimedWord(word: "Hello", start: 0.5, end: 1.25)])
    }

    @Test func `punctuation goes and what was nothing else is no word`() {
        let words = Self.words("“Well,” — don't (ever) stop!")
        #expect(words.map(\.word) == ["Well", "don't", "ever", "stop"])
    }

    @Test(arguments: ["a b c d e f g", "It was the best of times, it was the worst of times.", "日本 語", "e\u{301} a"])
    func `words are in order and inside the segment`(text: String) {
        let words = Self.words(text, 3, 7.5)
        #expect(words.first?.start == 3)
        #expect(words.last?.end == 7.5)
        for word in words { #expect(word.start <= word.end) }
        for (word, next) in zip(words, words.dropFirst()) { #expect(word.end <= next.start) }
    }

    @Test func `nothing said and times upside down give no words`() {
        #expect(Self.words("").isEmpty)
        #expect(Self.words("  \n").isEmpty)
        #expect(Self.words("a b", 2, 1).isEmpty)
    }
}
