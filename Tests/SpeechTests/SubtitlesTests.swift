import Testing

@testable import Speech

@Suite struct SubtitlesTests {
    private static let segments = [
        Transcript.Segment(text: "Ever tried.", start: 0, end: 1.5),
        Transcript.Segment(text: "No matter.", start: 3661.0004, end: 3662.9999),
    ]

    private func render(
        _ text: String,
        _ format: Subtitles.Format,
        end: Double = 2,
        layout: Subtitles.Layout = .init()
    ) -> String {
        Subtitles(layout: layout).render([.init(text: text, start: 0, end: end)], as: format)
    }

    /// The lines of text of each cue.
    private func texts(_ text: String, end: Double = 2, layout: Subtitles.Layout = .init()) -> [[String]] {
        CueCutter(layout: layout).cues(of: .init(text: text, start: 0, end: end)).map(\.lines)
    }

    @Test func `SubRip has numbers and commas`() {
        #expect(
            Subtitles().render(Self.segments, as: .srt) == """
                1
                00:00:00,000 --> 00:00:01,500
                Ever tried.

                2
                01:01:01,000 --> 01:01:03,000
                No matter.

                """
        )
    }

    @Test func `WebVTT has a heading and points`() {
        #expect(
            Subtitles().render(Self.segments, as: .vtt) == """
                WEBVTT

                00:00:00.000 --> 00:00:01.500
                Ever tried.

                01:01:01.000 --> 01:01:03.000
                No matter.

                """
        )
    }

    @Test(arguments: ["", " \n\n ", "\u{0}"])
    func `nothing said makes no subtitles`(text: String) {
        #expect(render(text, .srt).isEmpty)
        #expect(render(text, .vtt) == "WEBVTT\n")
        #expect(Subtitles().render([], as: .srt).isEmpty)
    }

    @Test func `WebVTT escapes what would be marks`() {
        #expect(render("A & B <i>c</i> --> d", .vtt).hasSuffix("\nA &amp; B &lt;i&gt;c&lt;/i&gt; --&gt; d\n"))
    }

    @Test func `SubRip keeps what would be marks apart`() {
        let text = render("A & B <i>c --> d {\\an8}", .srt)
        #expect(text.hasSuffix("\nA & B <\u{2060}i>c --\u{2060}> d {\u{2060}\\an8}\n"))
        // The only arrow is that of the times.
        #expect(text.split(separator: "-->").count == 2)
    }

    @Test func `empty lines and control characters in a text break no cue`() {
        for format in Subtitles.Format.allCases {
            let text = render("one\n\n2\r\n\r\n00:00 \u{7}three\u{2028}four", format)
            #expect(text.hasSuffix("\none 2 00:00 three four\n"))
        }
    }

    @Test func `a long text becomes cues of two lines, cut at the ends of sentences and clauses`() {
        let text = """
            It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of foolishness. \
            It was the epoch of belief.
            """
        let cues = CueCutter(layout: .init()).cues(of: .init(text: text, start: 10, end: 24))
        #expect(
            cues.map(\.lines) == [
                ["It was the best of times, it was the worst", "of times,"],
                ["it was the age of wisdom, it was the age", "of foolishness."], ["It was the epoch of belief."],
            ]
        )
        #expect(cues.first?.start == 10)
        #expect(cues.last?.end == 24)
        for (cue, next) in zip(cues, cues.dropFirst()) { #expect(cue.end <= next.start) }
    }

    @Test func `no cue is shown for longer than the layout allows`() {
        for seconds in [1.0, 6.9, 7.0, 7.1, 30, 300] {
            for text in ["One", "One two three", String(repeating: "word ", count: 60)] {
                let cues = CueCutter(layout: .init()).cues(of: .init(text: text, start: 5, end: 5 + seconds))
                #expect(cues.allSatisfy { $0.end - $0.start <= 7.001 && $0.end >= $0.start })
                #expect(
                    cues.flatMap(\.lines).joined(separator: " ") == text.split(separator: " ").joined(separator: " ")
                )
            }
        }
    }

    @Test func `lines have the length that was set, and longer words are cut`() {
        let layout = Subtitles.Layout(longestCue: .seconds(100), lineLength: 10, lines: 1)
        #expect(texts("one two three", layout: layout) == [["one two"], ["three"]])
        #expect(texts("abcdefghijklmno p", layout: layout) == [["abcdefghij"], ["klmno p"]])
        #expect(texts(String(repeating: "你", count: 25), layout: layout).map { $0.map(\.count) } == [[10], [10], [5]])
        let three = Subtitles.Layout(longestCue: .seconds(100), lineLength: 10, lines: 3)
        #expect(texts("one two three four five", layout: three) == [["one two", "three four", "five"]])
    }

    @Test func `a layout without room is raised to the smallest`() {
        let layout = Subtitles.Layout(longestCue: .zero, lineLength: 0, lines: -1)
        #expect(texts("ab", end: 0, layout: layout) == [["a"], ["b"]])
    }

    @Test func `times that are upside down or equal make cues that are seen`() {
        let text = Subtitles().render([.init(text: "Hi", start: 2, end: 1)], as: .vtt)
        #expect(text.contains("00:00:02.000 --> 00:00:02.001"))
    }
}
