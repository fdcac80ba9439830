import Testing
import TestRandom

@testable import SpokenText

@Suite struct SpeakableTextTests {
    @Test(arguments: [
        ("This is **very** _nice_ and ~~not~~ `code`.", "This is very nice and not code."),
        ("***All*** __of__ it", "All of it"),
        ("2 * 3 = 6 and 2*3", "2 * 3 = 6 and 2*3"),
        ("snake_case stays, ~5 too", "snake_case stays, ~5 too"),
        ("# Title\n## More #1 in C#", "Title. More #1 in C#"),
        ("- one\n* two\n  + three\n• four\n> five", "one. two. three. four five"),
        ("1. one\n-5 degrees", "1. one. -5 degrees"),
        ("above\n---\nbelow\n=====", "above. below"),
        ("```swift\nlet x = 1\n```\nDone", "let x = 1. Done"),
        ("```code``` and\n```\nx", "code and. x"),
        ("", ""), ("***", ""),
    ])
    func `Markdown marks are dropped`(text: String, expected: String) {
        #expect(SpeakableText.clean(text) == expected)
    }

    @Test(arguments: [
        ("See [the page](https://a.example/b) now.", "See the page now."),
        ("![A cat](cat.png) sits", "A cat sits"),
        ("[![badge](a)](b) ok", "badge ok"),
        ("A [note] (see) [1]", "A [note] (see) [1]"),
        ("[open](never", "[open](never"),
        ("](a) [x](\n)", "](a) x"), ("[a][b] and [^1] that", "a and that"),
    ])
    func `links leave their text`(text: String, expected: String) {
        #expect(SpeakableText.clean(text) == expected)
    }

    @Test(arguments: [
        ("Hi 👋 there", "Hi there"),
        ("Great 👍!", "Great!"),
        ("a👨‍👩‍👧‍👦b 🇩🇪 👍🏽 ❤️ ☎️", "a b"),
        ("Press 1️⃣ or #️⃣", "Press 1 or #"),
        ("5 × 3 → 15 °C ©", "5 × 3 → 15 °C ©"),
    ])
    func `emoji are dropped`(text: String, expected: String) {
        #expect(SpeakableText.clean(text) == expected)
    }

    @Test(arguments: [
        ("  a \t b\r\n\u{A0}c\u{3000} ", "a b c"),
        ("a\0b\u{7}c\u{1B}[0m\u{7F}", "abc[0m"),
        ("\u{FEFF}soft\u{AD}ware\u{200B}s\u{202E}", "softwares"),
        ("می\u{200C}خواهم", "می\u{200C}خواهم"),
        ("क्\u{200D}ष", "क्\u{200D}ष"),
        ("café cafe\u{301}", "café cafe\u{301}"),
        ("你好，世界。", "你好，世界。"),
    ])
    func `only visible text and single spaces remain`(text: String, expected: String) {
        #expect(Array(SpeakableText.clean(text).unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func `text needs a letter or a digit to be spoken`() {
        for text in ["a", "é", "你", "(5)", "٣", "... ok"] { #expect(SpeakableText.isSpeakable(text), "\(text)") }
        for text in ["", " ", "...", "👍", "🅰️", "—", "**", "\u{301}"] {
            #expect(!SpeakableText.isSpeakable(text), "\(text)")
        }
    }

    @Test func `what remains is free of controls, doubled spaces and emoji`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let text = generator.text(fragments: 60)
            let clean = SpeakableText.clean(text)
            #expect(!clean.contains("  ") && clean.first != " " && clean.last != " ")
            #expect(clean.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(clean.unicodeScalars.allSatisfy { !$0.properties.isEmojiPresentation })
            #expect(clean.unicodeScalars.count <= 2 * text.unicodeScalars.count)
            #expect(SpeakableText.isSpeakable(clean) == SpeakableText.isSpeakable(text))
        }
    }
}
