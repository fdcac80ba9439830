import Testing

@testable import OpenAIAPI

@Suite struct EventScreenTests {
    /// What passes of a stream that comes in pieces of some length, and the refusals in it.
    private func screened(_ stream: String, pieces length: Int) throws -> (passed: String, refusals: [String]) {
        var screen = EventScreen()
        var all: [EventScreen.Piece] = []
        let bytes = Array(stream.utf8)
        for start in stride(from: 0, to: bytes.count, by: length) {
            all += try screen.feed(bytes[start..<min(bytes.count, start + length)])
        }
        if let last = screen.finish() { all.append(last) }
        var passed: [UInt8] = []
        var refusals: [String] = []
        for piece in all {
            switch piece {
            case .bytes(let bytes): passed += bytes
            case .refusal(let data): refusals.append(String(decoding: data, as: UTF8.self))
            }
        }
        return (String(decoding: passed, as: UTF8.self), refusals)
    }

    @Test(arguments: [1, 3, 1000], ["\n", "\r\n", "\r"])
    func `events pass byte for byte`(length: Int, end: String) throws {
        let stream = [
            ": a comment", "", "id: 7", #"data: {"choices":[{"delta":{"content":"an \\"error\\""}}]}"#, "",
            #"data: {"error":null}"#, "", "data: one", "data: two", "", "data: [DONE]", "", "data: cut",
        ].joined(separator: end)
        let (passed, refusals) = try screened(stream, pieces: length)
        #expect(passed == stream)
        #expect(refusals == [])
    }

    @Test(arguments: [1, 3, 1000], ["\n", "\r\n", "\r"])
    func `an event that tells of a failure does not pass`(length: Int, end: String) throws {
        let before = "data: {}" + end + end
        let after = "data: [DONE]" + end + end
        for event in [
            #"data: {"error": {"code": 1}}"#, #"data:{"error":"x"}"#, #"data: {"error":"# + end + #"data: 1}"#,
            #"data: {"error": broken"#, "event: error" + end + "data: 1",
        ] {
            let (passed, refusals) = try screened(before + event + end + end + after, pieces: length)
            #expect(passed.filter { !$0.isNewline } == (before + after).filter { !$0.isNewline })
            #expect(refusals.count == 1)
        }
    }

    @Test func `the end of an event passes with it`() throws {
        var screen = EventScreen()
        let pieces = try screen.feed("data: 1\r\n\r\n".utf8)
        #expect(pieces == [.bytes(Array("data: 1\r\n\r".utf8)), .bytes(Array("\n".utf8))])
        #expect(screen.finish() == nil)
    }

    @Test func `a last event without an end is looked at too`() throws {
        let (passed, refusals) = try screened(#"data: {"error":1}"#, pieces: 5)
        #expect(passed == "")
        #expect(refusals == [#"{"error":1}"#])
    }

    @Test func `an event has a limit`() throws {
        var screen = EventScreen()
        _ = try screen.feed([UInt8](repeating: 0x61, count: EventScreen.longest))
        #expect(throws: EventScreen.TooLong.self) { try screen.feed([0x61]) }
    }
}
