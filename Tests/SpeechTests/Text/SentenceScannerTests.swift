import SpokenText
import Testing
import TestRandom

@testable import Speech

@Suite struct SentenceScannerTests {
    @Test(arguments: [
        ("Hello. How are you? Fine!", ["Hello.", "How are you?", "Fine!"]),
        ("", []),
        (" \n ", []),
        ("no end", ["no end"]),
        ("one. two", ["one.", "two"]),
        ("What?! Really?!! Yes", ["What?!", "Really?!!", "Yes"]),
        ("Yahoo!Mail is one word.", ["Yahoo!Mail is one word."]),
        ("Wait… what? Oh", ["Wait…", "what?", "Oh"]),
    ])
    func `sentences end at their marks before white space`(text: String, sentences: [String]) {
        #expect(SentenceScanner.sentences(of: text) == sentences)
    }

    @Test(arguments: [
        ("He said \"stop.\" Then left.", ["He said \"stop.\"", "Then left."]),
        ("“Go!” she cried. (Really.) Yes.", ["“Go!”", "she cried.", "(Really.)", "Yes."]),
        ("**Bold.** Next", ["**Bold.**", "Next"]),
        ("Did he say “no”? Yes.", ["Did he say “no”?", "Yes."]),
        ("He wrote 'the end'. Then", ["He wrote 'the end'.", "Then"]),
    ])
    func `closing quotes belong to the sentence`(text: String, sentences: [String]) {
        #expect(SentenceScanner.sentences(of: text) == sentences)
    }

    @Test(arguments: [
        "Pi is 3.14 today", "Use v1.2.3 now", "See a.b.com or https://a.example/b.html?x=1.5 there", "at 10.0.0.1 port",
        "Mr. and Mrs. Jones met Dr. Smith", "Use it, e.g. Here", "J. R. R. Tolkien wrote", "J. A. Smith wrote",
        "The U.S. Army moved", "U.S. troops moved", "King Jr. Day", "Main St. Louis", "See No. 5 of it", "see no. 5",
        "the N.A.S.A. Center", "Roe v. Wade", "pp. 3 to 5", "cf. The Book", "(e.g. This)", "Hmm... well... yes",
        "a.m. or p.m.",
        "bring pens, etc. and paper", "\"U.S.\" troops",
    ])
    func `these full stops end nothing`(text: String) {
        #expect(SentenceScanner.sentences(of: text) == [text])
    }

    @Test(arguments: [
        ("It is 3.14. Then", ["It is 3.14.", "Then"]),
        ("We run v1.2.3. It works", ["We run v1.2.3.", "It works"]),
        ("Go to a.com. Then", ["Go to a.com.", "Then"]),
        ("He came at 5 p.m. Then he left.", ["He came at 5 p.m.", "Then he left."]),
        ("He came at 5p.m. Then he left.", ["He came at 5p.m.", "Then he left."]),
        ("at 5 p.m. “Then” he", ["at 5 p.m.", "“Then” he"]),
        ("No. I won't.", ["No.", "I won't."]),
        ("He said no. 'Why?' she asked", ["He said no.", "'Why?'", "she asked"]),
        ("Pears, etc. Tomorrow more.", ["Pears, etc.", "Tomorrow more."]),
        ("Pears, etc. Bob eats.", ["Pears, etc.", "Bob eats."]),
        ("I live on Main St. It is nice.", ["I live on Main St.", "It is nice."]),
        ("She lives in the U.S. He does not.", ["She lives in the U.S.", "He does not."]),
        ("She lives in the U.S. He", ["She lives in the U.S.", "He"]),
        ("So do I. I think", ["So do I.", "I think"]),
        ("at 5 p.m.\n\nbob came", ["at 5 p.m.", "bob came"]),
    ])
    func `these full stops do`(text: String, sentences: [String]) {
        #expect(SentenceScanner.sentences(of: text) == sentences)
    }

    @Test(arguments: [
        ("你好。世界！真的？是", ["你好。", "世界！", "真的？", "是"]),
        ("他说：「走吧。」然后走了。", ["他说：「走吧。」", "然后走了。"]),
        ("什么！？好。", ["什么！？", "好。"]),
    ])
    func `Chinese sentences need no white space`(text: String, sentences: [String]) {
        #expect(SentenceScanner.sentences(of: text) == sentences)
    }

    @Test(arguments: [
        ("Title\n\nText\nmore", ["Title", "Text\nmore"]),
        ("Title\r\n \r\nText\r\nmore", ["Title", "Text\r\nmore"]),
        ("Buy:\n- apples\n * pears\n• figs\nfor me", ["Buy:", "- apples", "* pears", "• figs\nfor me"]),
        ("1. One\n2. Two. More\n10. Ten", ["1. One", "2. Two.", "More", "10. Ten"]),
        ("**bold**\n-5 degrees", ["**bold**\n-5 degrees"]),
    ])
    func `blank lines and list items begin a sentence`(text: String, sentences: [String]) {
        #expect(SentenceScanner.sentences(of: text) == sentences)
    }

    @Test func `clauses are told apart from sentences`() {
        let scalars = Array("Well, 3,000 at 10:30; so - yes… go—on... well".unicodeScalars)
        let boundaries = SentenceScanner.boundaries(of: scalars[...])
        #expect(
            boundaries.cut(scalars[...]).map(\.trimmedText)
                == ["Well,", "3,000 at 10:30;", "so -", "yes…", "go—", "on...", "well"]
        )
        #expect(boundaries.map(\.kind) == [.clause, .clause, .clause, .sentence, .clause, .clause])
    }

    @Test func `positions never decrease and nothing is lost`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            let text = generator.text(fragments: 60)
            let scalars = Array(text.unicodeScalars)
            let positions = SentenceScanner.boundaries(of: scalars[...]).map(\.position)
            #expect(positions == positions.sorted())
            #expect(positions.allSatisfy { (0...scalars.count).contains($0) })
            #expect(SentenceScanner.sentences(of: text).ink == [text].ink)
        }
    }
}
