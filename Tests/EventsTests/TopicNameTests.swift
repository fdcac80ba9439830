import Events
import Testing

@Suite struct TopicNameTests {
    @Test(arguments: [
        "training", "a/b", "session/01ab/turns", "Ümläut/日本", "a b", "-", String(repeating: "x", count: 255),
    ])
    func `good names are taken as they are`(_ text: String) throws {
        #expect(try TopicName(text).text == text)
        #expect(try TopicName(text).description == text)
    }

    @Test(arguments: [
        ("", TopicError.empty),
        ("/", .emptySegment("/")),
        ("/a", .emptySegment("/a")),
        ("a/", .emptySegment("a/")),
        ("a//b", .emptySegment("a//b")),
        ("a\nb", .controlCharacter),
        ("a\u{7F}", .controlCharacter),
        ("a\u{85}b", .controlCharacter),
        ("a*", .misplacedWildcard("a*")),
        ("a/*/b", .misplacedWildcard("a/*/b")),
        (String(repeating: "x", count: 256), .tooLong(bytes: 256)),
        (String(repeating: "é", count: 128), .tooLong(bytes: 256)),
    ])
    func `bad names are refused`(_ text: String, _ error: TopicError) {
        #expect(throws: error) { try TopicName(text) }
    }

    @Test func `there may be 16 segments`() throws {
        let segments = Array(repeating: "s", count: 16).joined(separator: "/")
        #expect(try TopicName(segments).text == segments)
        #expect(throws: TopicError.tooManySegments(17)) { try TopicName(segments + "/s") }
    }

    @Test func `names are equal when their bytes are`() {
        let composed = TopicName("caf\u{E9}")
        let decomposed = TopicName("cafe\u{301}")
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
        #expect(TopicName("a") == TopicName("a"))
    }

    @Test func `the prefixes are the names above`() {
        #expect(Array(TopicName("session/01ab/turns").prefixes) == ["session", "session/01ab"])
        #expect(Array(TopicName("session").prefixes).isEmpty)
        #expect(TopicName("a/b").isBelow("a"))
        #expect(!TopicName("ab").isBelow("a"))
        #expect(!TopicName("a").isBelow("a"))
    }

    @Test(arguments: [TopicError.empty, .tooMany(limit: 7), .controlCharacter, .tooLong(bytes: 300)])
    func `errors speak in sentences`(_ error: TopicError) {
        #expect(error.description.hasPrefix("The ") && error.description.hasSuffix("."))
    }
}
