import Testing
import TestRandom

@testable import SpokenText

@Suite struct MarkupReaderTests {
    @Test(arguments: [
        ("# Title\nText that\nwraps.", "Title. Text that wraps."),
        ("Title\n=====\nText", "Title. Text"),
        ("Title\n\nText", "Title. Text"),
        ("What now?\n\nText", "What now? Text"),
        ("Buy:\n- apples\n- pears\nThen go home.", "Buy: apples. pears. Then go home."),
        (
            "- a long item\n  that wraps\n- and one\nthat does so lazily",
            "a long item that wraps. and one that does so lazily"
        ),
        ("1. one\n2) two\n3. three", "1. one. 2. two. 3. three"),
        ("It happened in\n1999. Then it ended.", "It happened in 1999. Then it ended."),
        ("- [ ] to do\n- [x] done", "to do. done"),
        ("> quoted\n> text", "quoted text"),
        (">5 is more", ">5 is more"),
        ("a\n***\nb", "a. b"),
        ("你好\n\n世界", "你好。 世界"),
        ("**Bold**\n\nText", "Bold. Text"), ("**All bold**\nText", "All bold. Text"),
        ("**Bold** and **more**\ntext", "Bold and more text"), ("**Bold** at\nthe start", "Bold at the start"),
        ("one\r\ntwo\r\n\r\nthree", "one two. three"),
    ])
    func `what ends for good ends with a full stop and what wraps does not`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("| Name | Age |\n|:--|--:|\n| Ann | 30 |\n| Bob | 40 |\nDone", "Name, Age. Ann, 30. Bob, 40. Done"),
        ("Name | Age\n--- | ---\nAnn | 30", "Name, Age. Ann, 30"),
        ("a || b", "a, b"),
    ])
    func `tables are read by rows and cells`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("<p>Hello <b>there</b></p><p>Bye</p>", "Hello there. Bye."),
        ("one<br>two<br/>three", "one. two. three"),
        ("<ul><li>a<li>b</ul>", "a. b."),
        ("<a href=\"https://x.org/?a=1&b=2\" target='_blank'>here</a>", "here"),
        ("<input type=checkbox checked> yes", "yes"),
        ("a<!-- not\n\nthis -->b", "ab"),
        ("<script>if (a < b) { alert('x') }</script>Hello", "Hello"),
        ("<!DOCTYPE html><html>Hi</html>", "Hi"),
        ("<answer>42</answer><|im_end|>", "42"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1, 2."),
        ("3 < 5 and 7 > 2", "3 < 5 and 7 > 2"),
        ("if x <y and z> 2", "if x <y and z> 2"),
        ("a <b, c", "a <b, c"),
        ("1<2", "1<2"),
        ("never <a closed", "never <a closed"),
        ("`<b>` is a tag", "<b> is a tag"),
    ])
    func `tags are left out and comparisons stay`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("Tom &amp; Jerry", "Tom & Jerry"), ("3 &lt; 5 &#x26; 6 &gt; 2 &#8364;5", "3 < 5 & 6 > 2 €5"),
        ("&lt;b&gt; &nbsp; x", "<b> x"), ("AT&T &unknown; & co", "AT&T &unknown; & co"), ("caf&eacute;", "café"),
        ("&#0;&#xD800;", "&#0;&#xD800;"),
    ])
    func `character references are resolved`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("\\*not emphasis\\*", "not emphasis"), ("1\\. no item", "1. no item"),
        ("\\$5 and \\# and \\\\", "$5 and # and \\"),
        ("C:\\new", "C:\\new"), ("\\<b\\>", "<b>"),
    ])
    func `escapes are resolved`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("See https://www.example.com/a/b?c=d#e.", "See example.com."),
        ("(http://localhost:8080/x), or", "(localhost port 8080), or"),
        ("www.example.org/path and example.com/foo", "example.org and example.com"),
        ("mailto:jane@example.com?subject=x", "jane@example.com"),
        ("jane@example.com, please", "jane@example.com, please"),
        ("<https://example.com/a>", "example.com"),
        ("https://user:secret@example.com/", "example.com"),
        ("and/or, 1/2, a.m./p.m., main.swift", "and/or, 1/2, a.m./p.m., main.swift"),
        ("[the page](https://x.org/a_(b) \"Title\") here", "the page here"),
        ("[https://x.org/a](https://x.org/a)", "x.org"),
        ("![A cat](data:image/png;base64,AAAABBBB)", "A cat"),
        ("[See this. And that](https://x.org)", "See this. And that"),
    ])
    func `addresses are said short`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test func `an address of any length is said short`() {
        let path = String(repeating: "a/b?c&", count: 1000)
        #expect(SpeakableText.clean("See https://example.com/\(path) now.") == "See example.com now.")
        #expect(SpeakableText.clean("[x](https://example.com/\(path)) now.") == "x now.")
    }

    @Test(arguments: [
        ("```swift\nlet a = 1\n\nlet b: List<Int> = []\n```\nDone", "let a = 1. let b: List<Int> = []. Done"),
        ("Say:\n~~~\n# not a heading\n~~~", "Say: # not a heading."),
        ("````\n```\n````\nx", "x"),
    ])
    func `the fences of code are not spoken`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    @Test(arguments: [
        ("<think>Let me\n\nsee.</think>\n\nHello", "Hello"), ("<THINKING>x</THINKING>Hi", "Hi"),
        ("<think>never closed", ""), ("The `<think>` tag", "The <think> tag"), ("a</think>b", "ab"),
    ])
    func `thoughts are not spoken`(text: String, spoken: String) {
        #expect(SpeakableText.clean(text) == spoken)
    }

    /// Fragments whose meaning depends on what follows.
    private static let fragments = [
        "<think>", "</think>", "<b>", "</p>", "<br/>", "<!--", "-->", "&amp;", "&", "&lt", "\\", "\\*", "|", "| a |",
        "\n|-|",
        "```", "```swift", "~~~", "\n", "\n\n", "# ", "- ", "1. ", "[x] ", "[t](", "https://www.a.com/b", ")", "](",
        "<a ",
        "\"", ">", "<", " ", " ", " ", "word", "Word", "3", ".", ",", "===", "---", "你", "é", "`", "> ",
    ]

    @Test func `it makes no difference how the text is cut`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1500 {
            let text = (0..<Int.random(in: 0...25, using: &generator)).map { _ in
                Self.fragments.randomElement(using: &generator) ?? ""
            }.joined()
            var thoughts = ThoughtFilter()
            var reader = MarkupReader()
            var plain = ""
            for token in generator.tokens(of: text) { plain += reader.feed(thoughts.feed(token)) }
            plain += reader.feed(thoughts.finish()) + reader.finish()
            #expect(plain == SpeakableText.plain(text), "\(text.debugDescription)")
        }
    }

    @Test func `only what is not certain is held back`() {
        var reader = MarkupReader()
        #expect(reader.feed("Hello. ") == "Hello. ")
        #expect(reader.feed("3 <") == "3")
        #expect(reader.feed(" 5 ") == " < 5")
    }
}
