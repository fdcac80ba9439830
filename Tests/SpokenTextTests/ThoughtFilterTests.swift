import Testing

@testable import SpokenText

@Suite struct ThoughtFilterTests {
    private func filter(_ pieces: [String]) -> String {
        var filter = ThoughtFilter()
        return pieces.map { filter.feed($0) }.joined() + filter.finish()
    }

    @Test(arguments: [
        ("Hello", "Hello"), ("<think>hm</think>\n\nHello", "Hello"), ("A<think>b</think>C<think></think>D", "ACD"),
        ("  \n Hello <b> a < b </think>", "Hello <b> a < b </think>"), ("<think>never closed", ""), ("<thin", "<thin"),
        ("<think>a <think> b</think>c", "c"), ("<think></think>", ""), ("x <<think>y</think>", "x <"), ("", ""),
        ("<think>grübeln 👋</think>Grüße 👋", "Grüße 👋"),
    ])
    func `thoughts are left out however the text is cut`(text: String, spoken: String) {
        #expect(filter([text]) == spoken)
        #expect(filter(text.unicodeScalars.map { String($0) }) == spoken)
        for cut in text.indices {
            #expect(filter([String(text[..<cut]), String(text[cut...])]) == spoken)
        }
    }

    @Test func `only what may be a tag is held back`() {
        var filter = ThoughtFilter()
        #expect(filter.feed("Hello <th") == "Hello ")
        #expect(filter.feed("ere") == "<there")
        #expect(filter.feed("<think>") == "")
        #expect(filter.feed("abc</thi") == "")
        #expect(filter.feed("nk>d") == "d")
        #expect(filter.finish() == "")
    }
}
