import Testing
import TestRandom

@testable import Speech

@Suite struct TextChunkerTests {
    @Test func `sentences, cues and list items are packed into chunks`() {
        let text = """
            Dr. Smith paid $3.14 on v1.2.3 today... Really? Yes! (laughs) He said "stop." Then left. U.S. troops moved.
            - first item
            - second item. More
            1. third
            """
        let chunks = [
            "Dr. Smith paid $3.14 on v1.2.3 today... Really?",
            "Yes! (laughs) He said \"stop.\" Then left.",
            "U.S. troops moved. - first item",
            "- second item. More 1. third",
        ]
        #expect(TextChunker(chunkSize: 50).chunks(of: text) == chunks)
        #expect(TextChunker(chunkSize: 50).chunks(of: text.replacing("\n", with: "\r\n")) == chunks)
        #expect(TextChunker(chunkSize: 50).chunks(of: text.replacing("\n", with: "\r")) == chunks)
    }

    @Test func `text of one and a half chunks is left alone`() {
        let chunker = TextChunker(chunkSize: 10)
        #expect(chunker.chunks(of: " 34. 6789. 2345") == [" 34. 6789. 2345"])
        #expect(chunker.chunks(of: " 34. 6789. 23456") == ["34. 6789.", "23456"])
        #expect(chunker.chunks(of: "") == [""])
        #expect(TextChunker(chunkSize: .max).chunks(of: "A. B.") == ["A. B."])
    }

    @Test func `white space alone is returned as it is`() {
        let text = String(repeating: " \n", count: 20)
        #expect(TextChunker(chunkSize: 10).chunks(of: text) == [text])
    }

    @Test(arguments: [
        ("aaa bbb (clears throat) ccc ddd", ["aaa bbb", "(clears throat)", "ccc ddd"]),
        ("aaa (it's a-b_c) ddd eeee", ["aaa (it's a-b_c)", "ddd eeee"]),
        ("aaa ((sighs) bbbb) cccc ddd", ["aaa ( (sighs)", "bbbb) cccc ddd"]),
        ("one two (3.5) four five six.", ["one two (3.5)", "four five six."]),
    ])
    func `words in round brackets are segments`(text: String, chunks: [String]) {
        #expect(TextChunker(chunkSize: 16).chunks(of: text) == chunks)
    }

    @Test func `a number behind a cue is no list item`() {
        let text = "One (laughs) 1. two. Three four five six."
        #expect(TextChunker(chunkSize: 16).chunks(of: text) == ["One (laughs) 1.", "two. Three four", "five six."])
    }

    @Test(arguments: [
        ("one two, three four; five six: seven", ["one two,", "three four;", "five six:", "seven"]),
        ("one two three four five", ["one two", "three four", "five"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijkl", "mnopqrstuvwx", "yz"]),
        ("alpha—beta—gamma—delta", ["alpha—beta—", "gamma—delta"]),
        ("你好你好你，你好你好，你好你好你好你好", ["你好你好你，你好你好，", "你好你好你好你好"]),
    ])
    func `long sentences are cut at clauses, spaces and characters`(text: String, chunks: [String]) {
        #expect(TextChunker(chunkSize: 12).chunks(of: text) == chunks)
    }

    @Test func `characters of several scalars stay whole`() {
        let family = "👨‍👩‍👧‍👦"
        let chunks = TextChunker(chunkSize: 20).chunks(of: String(repeating: family, count: 7))
        #expect(chunks == [family + family, family + family, family + family, family])
        let letters = TextChunker(chunkSize: 3).chunks(of: String(repeating: "e\u{301}", count: 4))
        #expect(letters.map(\.unicodeScalars.count) == [2, 2, 2, 2])
    }

    @Test func `a character longer than a chunk is cut`() {
        let text = "a" + String(repeating: "\u{301}", count: 9)
        #expect(TextChunker(chunkSize: 4).chunks(of: text).map(\.unicodeScalars.count) == [4, 4, 2])
    }

    @Test func `nothing is lost or moved and no chunk is too long`() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<1000 {
            let text = generator.text(fragments: 80)
            let size = Int.random(in: 1...60, using: &generator)
            let chunks = TextChunker(chunkSize: size).chunks(of: text)
            #expect(chunks.ink == [text].ink)
            guard chunks != [text] else { continue }
            #expect(
                chunks.allSatisfy { $0.unicodeScalars.count <= size && !$0.isEmpty },
                "\(size): \(text.debugDescription)"
            )
        }
    }
}
