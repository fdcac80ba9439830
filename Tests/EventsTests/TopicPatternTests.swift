import Events
import Testing

@Suite struct TopicPatternTests {
    @Test func `patterns are read and written`() throws {
        #expect(try TopicPattern("a/b") == .exact("a/b"))
        #expect(try TopicPattern("a/b/*") == .below("a/b"))
        #expect(try TopicPattern("*") == .all)
        for text in ["a/b", "a/b/*", "*"] { #expect(try TopicPattern(text).description == text) }
    }

    @Test(arguments: ["", "/*", "**", "a*", "*/a", "a//*", "a/*/*", "a/**"])
    func `bad patterns are refused`(_ text: String) {
        #expect(throws: TopicError.self) { try TopicPattern(text) }
    }

    @Test func `patterns match names`() {
        #expect(TopicPattern.all.matches("a"))
        #expect(TopicPattern.exact("a/b").matches("a/b"))
        #expect(!TopicPattern.exact("a/b").matches("a/b/c"))
        #expect(TopicPattern.below("a").matches("a/b"))
        #expect(TopicPattern.below("a").matches("a/b/c"))
        #expect(!TopicPattern.below("a").matches("a"))
        #expect(!TopicPattern.below("a").matches("ab"))
        #expect(!TopicPattern.below("a/b").matches("a/bc"))
    }

    @Test func `a pattern covers what it matches and no more`() {
        let names: [TopicName] = ["a", "b", "a/b", "a/c", "a/b/c", "a/b/d", "ab", "ab/c"]
        let patterns = names.map(TopicPattern.exact) + names.map(TopicPattern.below) + [.all]
        for wide in patterns {
            for narrow in patterns where wide.covers(narrow) {
                #expect(names.allSatisfy { !narrow.matches($0) || wide.matches($0) }, "\(wide) \(narrow)")
            }
            #expect(wide.covers(wide) && TopicPattern.all.covers(wide))
            #expect(wide == .all || !wide.covers(.all))
        }
        #expect(TopicPattern.below("a").covers(.below("a/b")))
        #expect(!TopicPattern.below("a/b").covers(.below("a")))
        #expect(!TopicPattern.exact("a").covers(.below("a")))
        #expect(!TopicPattern.below("a").covers(.exact("a")))
    }
}
