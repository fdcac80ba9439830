import Speech
import Testing

@testable import OpenAIAPI

@Suite
struct SubtitlesTests {
    private static let segments = [
        Transcript.Segment(text: "Ever tried.", start: 0, end: 1.5),
        Transcript.Segment(text: "No matter.", start: 3661.0004, end: 3662.9999),
    ]

    @Test func `SubRip has numbers and commas`() {
        #expect(
            Subtitles.srt(Self.segments) == """
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
            Subtitles.vtt(Self.segments) == """
                WEBVTT

                00:00:00.000 --> 00:00:01.500
                Ever tried.

                01:01:01.000 --> 01:01:03.000
                No matter.

                """
        )
    }

    @Test func `nothing said makes no subtitles`() {
        #expect(Subtitles.srt([]).isEmpty)
        #expect(Subtitles.vtt([]) == "WEBVTT\n")
    }
}
