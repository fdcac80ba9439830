import Testing
import TestRandom

@testable import Speech

@Suite struct SpeakableSegmentsTests {
    @Test func `headings, items, rows and paragraphs are segments of their own`() {
        let text = """
            <think>They want
            a list.</think># Shopping
            Please buy these
            things:
            - apples
            - **ripe** pears
              from the market
            | a | b |
            |---|---|
            | 1 | 2 |

            Done
            """
        #expect(
            SpeakableSegments.segments(of: text) == [
                "Shopping.", "Please buy these things:", "apples.", "ripe pears from the market.", "a, b.", "1, 2.",
                "Done",
            ]
        )
    }

    @Test func `segments do not depend on how the text was cut into tokens`() {
        var generator = SeededGenerator(seed: 11)
        let marks = ["<think>", "</think>", "<br>", "&amp;", "\n# ", "\n| a |", "```\n", "\\", "[a](b)", "<", "3 < 5 "]
        for _ in 0..<500 {
            var text = ""
            for _ in 0..<6 {
                text += generator.text(fragments: 10) + (marks.randomElement(using: &generator) ?? "")
            }
            var segments = SpeakableSegments()
            let pieces = generator.tokens(of: text).flatMap { segments.append($0) } + segments.finish()
            #expect(pieces == SpeakableSegments.segments(of: text), "\(text.debugDescription)")
        }
    }

    @Test func `a sentence is handed out as soon as it is complete`() {
        var segments = SpeakableSegments()
        #expect(segments.append("Hello there. ") == ["Hello there."])
        #expect(segments.append("How ") == [])
        #expect(segments.append("are you? I") == ["How are you?"])
        #expect(segments.finish() == ["I"])
    }

    @Test func `chunks are cleaned before they are cut`() {
        let path = String(repeating: "x/", count: 200)
        let text = "See https://example.com/\(path) now. <b>Then</b> go.\n- one\n- two"
        #expect(TextChunker(chunkSize: 20).speakableChunks(of: text) == ["See example.com now.", "Then go. one. two"])
    }
}
