import Testing
import TestRandom

@testable import Speech

/// Quadratic work on these texts would take minutes, even in a release build.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostileTextTests {
    @Test(arguments: [
        "a", ".", ". ", "!", "(", "(a", "[", "](", "[](", "[](\n", "*", "**a", "`", "~", "#", "# ", "- ", "-", "\n",
        "\r\n",
        " ", "1", "1.", ", ", "—", "你", "，", "。", "no. ", "p.m. T", "Aa. ", "\u{301}", "\u{200D}", "👍", "```a",
        "a\n```",
    ])
    func `a fragment repeated again and again costs linear time`(fragment: String) {
        checkAll(String(repeating: fragment, count: 100_000 / fragment.utf8.count))
    }

    @Test(arguments: ["a", ".", "([*`", "a, b. ", "\u{301}"])
    func `a megabyte is no trouble`(fragment: String) {
        checkAll(String(repeating: fragment, count: 1_000_000 / fragment.utf8.count))
    }

    private func checkAll(_ text: String) {
        let ink = [text].ink
        #expect((SentenceScanner.sentences(of: text).ink == ink) as Bool)

        let chunks = TextChunker(chunkSize: 120).chunks(of: text)
        #expect((chunks.ink == ink) as Bool)
        #expect((ink.isEmpty || chunks.allSatisfy { $0.unicodeScalars.count <= 120 }) as Bool)

        var buffer = SentenceBuffer()
        let segments = text.unicodeScalars.flatMap { buffer.append(String($0)) } + buffer.finish()
        #expect((segments.ink == ink) as Bool)
        #expect(segments.allSatisfy { $0.unicodeScalars.count <= 300 } as Bool)

        let speakable = SpeakableSegments.segments(of: String(text.unicodeScalars.prefix(10_000)))
        #expect(speakable.allSatisfy { $0.unicodeScalars.count <= 300 } as Bool)
    }
}
