import Testing

@testable import Dialogue

@Suite struct ScriptPhraseTests {
    private func match(_ phrase: String, _ text: String) throws -> ScriptPhrase.Match? {
        let words = Words(text).normal
        return try ScriptPhrase(phrase).match(words, vocabulary: Set(words))
    }

    @Test func `words are found in a row anywhere`() throws {
        #expect(try match("what time", "tell me, what TIME is it?")?.score == 2)
        #expect(try match("what time", "what is the time") == nil)
        #expect(try match("hi", "I think this") == nil)
    }

    @Test func `optional words count if they are there`() throws {
        #expect(try match("how are you [doing] [today]", "how are you")?.score == 3)
        #expect(try match("how are you [doing] [today]", "how are you today")?.score == 4)
        #expect(try match("how are you [doing] [today]", "how are you doing today")?.score == 5)
        #expect(try match("spell [the word] {word}", "spell the word cat")?.slots == ["word": 3..<4])
    }

    @Test func `slots take words`() throws {
        #expect(try match("calculate {e}", "calculate 2 plus 2")?.slots == ["e": 1..<4])
        #expect(try match("from {a} to {b}", "go from new york to los angeles")?.slots == ["a": 2..<4, "b": 5..<7])
        #expect(try match("how is {w} spelled", "how is cat spelled")?.slots == ["w": 2..<3])
        #expect(try match("{all}", "any words at all") == .init(score: 0, slots: ["all": 0..<4]))
        #expect(try match("{a} or {b}", "tea or coffee")?.slots == ["a": 0..<1, "b": 2..<3])
    }

    @Test func `a slot needs a word`() throws {
        #expect(try match("calculate {e}", "calculate") == nil)
        #expect(try match("how is {w} spelled", "how is spelled") == nil)
        #expect(try match("{all}", "") == nil)
    }

    @Test func `numbers and contractions are the same in any form`() throws {
        #expect(try match("what is joke twenty one", "what's joke 21") != nil)
    }

    @Test(arguments: [
        "say [this", "say ]", "say {this", "[[a]]", "{Upper}", "{}", "{a b}", "[only optional]", "", "...", "{a} {b}",
        "{a} [and] {b}", "a {x} b {x}", "{a} 1 {b} 2 {c} 3 {d}", "a [b] [c] [d] [e] [f]",
    ])
    func `mistakes in phrases are told`(phrase: String) {
        #expect(throws: ScriptPhrase.Mistake.self) { try ScriptPhrase(phrase) }
    }

    @Test func `a phrase too long is refused`() {
        #expect(throws: ScriptPhrase.Mistake.self) { try ScriptPhrase(String(repeating: "a ", count: 300)) }
    }

    @Test(.timeLimit(.minutes(5))) func `the worst phrase does not take forever`() throws {
        let words = Array(repeating: "a", count: 200)
        let phrase = try ScriptPhrase("a {x} a {y} a {z} b")
        #expect(phrase.match(words + ["b"], vocabulary: ["a", "b"]) != nil)
        #expect(phrase.match(["b"] + words, vocabulary: ["a", "b"]) == nil)
    }
}
