import Testing
import TestRandom

@testable import Speech

@Suite struct SentenceBufferTests {
    private static let sentencesOnly = SentenceBuffer.Limits(firstClauseWords: .max, firstClauseLength: .max)

    private func segments(of tokens: [String], limits: SentenceBuffer.Limits = .init()) -> [String] {
        var buffer = SentenceBuffer(limits: limits)
        return tokens.flatMap { buffer.append($0) } + buffer.finish()
    }

    @Test func `the first segment may be a clause and later ones are sentences`() {
        var buffer = SentenceBuffer()
        #expect(buffer.append("Well, I think so,") == [])
        #expect(buffer.append(" but") == ["Well, I think so,"])
        #expect(buffer.append(" only, as it were, today. ") == ["but only, as it were, today."])
        #expect(buffer.append("Bye, now") == [])
        #expect(buffer.finish() == ["Bye, now"])
    }

    @Test(arguments: [
        ("One two: three four", ["One two: three four"]),
        ("One two three: four", ["One two three:", "four"]),
        ("Unbelievably, yes", ["Unbelievably,", "yes"]),
        ("One two three — four", ["One two three —", "four"]),
        ("One two three - four", ["One two three -", "four"]),
        ("One two well-known 10:30 3,000 x", ["One two well-known 10:30 3,000 x"]),
        ("Hi. One two three, four", ["Hi.", "One two three, four"]),
        ("你好吗，我很好，谢谢。再见。", ["你好吗，", "我很好，谢谢。", "再见。"]),
        ("我想要、这个", ["我想要、", "这个"]),
    ])
    func `a first clause needs some words`(text: String, expected: [String]) {
        #expect(segments(of: [text]) == expected)
    }

    @Test func `the size of the first clause can be set`() {
        let eager = SentenceBuffer.Limits(firstClauseWords: 1, firstClauseLength: 1)
        #expect(segments(of: ["Well, I think, yes"], limits: eager) == ["Well,", "I think, yes"])
        #expect(
            segments(of: ["One two three, four, five."], limits: Self.sentencesOnly) == ["One two three, four, five."]
        )
    }

    @Test func `a sentence ends only when what follows is known`() {
        var buffer = SentenceBuffer(limits: Self.sentencesOnly)
        #expect(buffer.append("Pi is 3.") == [])
        #expect(buffer.append("14") == [])
        #expect(buffer.append(".") == [])
        #expect(buffer.append(" ") == ["Pi is 3.14."])
        #expect(buffer.append("Dr.") == [])
        #expect(buffer.append(" Smith came at 5 p.m.") == [])
        #expect(buffer.append(" Then") == [])
        #expect(buffer.append(" he") == ["Dr. Smith came at 5 p.m."])
        #expect(buffer.append(" said \"Go!") == [])
        #expect(buffer.append("\"") == [])
        #expect(buffer.append("\n") == ["Then he said \"Go!\""])
        #expect(buffer.append("好。") == [])
        #expect(buffer.append("」") == [])
        #expect(buffer.append("再") == ["好。」"])
        #expect(buffer.finish() == ["再"])
    }

    @Test func `finish settles open questions and begins anew`() {
        var buffer = SentenceBuffer()
        #expect(buffer.append("He came at 5 p.m. Then") == [])
        #expect(buffer.finish() == ["He came at 5 p.m.", "Then"])
        #expect(buffer.finish() == [])
        #expect(buffer.append("And one more, then") == ["And one more,"])
        #expect(buffer.finish() == ["then"])
    }

    @Test func `Markdown is kept and list items are segments`() {
        let text = "Buy **these**:\n\n- apples\n- pears\n\n`x` is fine."
        #expect(segments(of: [text]) == ["Buy **these**:", "- apples", "- pears", "`x` is fine."])
    }

    @Test func `characters split across tokens come together`() {
        let text = "Nice 👨‍👩‍👧‍👦 e\u{301} 🇩🇪. Yes."
        #expect(segments(of: text.unicodeScalars.map { String($0) }) == ["Nice 👨‍👩‍👧‍👦 e\u{301} 🇩🇪.", "Yes."])
    }

    @Test(arguments: [
        ("aaa bbb ccc, ddd eee fff ggg", ["aaa bbb ccc,", "ddd eee fff ggg"]),
        ("a, bbb ccc ddd eee fff ggg", ["a, bbb ccc ddd eee", "fff ggg"]),
        ("abcdefghijklmnopqrstuvwxyz", ["abcdefghijklmnopqrst", "uvwxyz"]),
        ("aaaa bbbb cccc dddd. Eee", ["aaaa bbbb cccc dddd.", "Eee"]),
        ("x👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", ["x👨‍👩‍👧‍👦👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"]),
    ])
    func `long sentences are cut`(text: String, expected: [String]) {
        let limits = SentenceBuffer.Limits(firstClauseWords: .max, firstClauseLength: .max, maximumLength: 20)
        #expect(segments(of: [text], limits: limits) == expected)
    }

    @Test func `a maximum below one means one`() {
        var limits = SentenceBuffer.Limits()
        limits.maximumLength = -5
        #expect(segments(of: ["ab c"], limits: limits) == ["a", "b", "c"])
    }

    @Test func `segments do not depend on how the text was cut into tokens`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<1000 {
            let text = generator.text(fragments: 80)
            let limits = SentenceBuffer.Limits(maximumLength: Int.random(in: 1...100, using: &generator))
            let whole = segments(of: [text], limits: limits)
            #expect(segments(of: generator.tokens(of: text), limits: limits) == whole)
            #expect(whole.ink == [text].ink)
            #expect(whole.allSatisfy { !$0.isEmpty && $0.unicodeScalars.count <= limits.maximumLength })
        }
    }

    @Test func `without limits the segments are the sentences`() {
        var generator = SeededGenerator(seed: 4)
        for _ in 0..<500 {
            let text = generator.text(fragments: 60)
            let limits = SentenceBuffer.Limits(
                firstClauseWords: .max,
                firstClauseLength: .max,
                maximumLength: .max
            )
            #expect(segments(of: generator.tokens(of: text), limits: limits) == SentenceScanner.sentences(of: text))
        }
    }
}
