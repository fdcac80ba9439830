import Testing

@testable import Serving

@Suite struct MultipartParserTests {
    private static let form = """
        --XX\r\nContent-Disposition: form-data; name="language"\r\n\r\nen\r\n\
        --XX\r\nContent-Disposition: form-data; name="file"; filename="a \\"b\\".wav"\r\nContent-Type: audio/wav\r\n\r\n\
        RIFF\r\n--X\r\n\r\n--\r\n\
        --XX\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n\
        --XX--\r\nwhat follows is ignored
        """

    /// Parses `body` cut into pieces of `size` bytes, with the data of each part joined.
    private func parse(_ body: String, size: Int) throws -> [MultipartParser.Event] {
        var parser = try #require(MultipartParser(boundary: "XX"))
        var events: [MultipartParser.Event] = []
        let bytes = Array(body.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            for event in try parser.append(bytes[start..<min(start + size, bytes.count)]) {
                if case .data(let more) = event, case .data(let before)? = events.last {
                    events[events.count - 1] = .data(before + more)
                } else {
                    events.append(event)
                }
            }
        }
        return events
    }

    @Test(arguments: [1, 2, 3, 7, 64, 10_000])
    func `a form is the same however it arrives`(size: Int) throws {
        #expect(
            try parse(Self.form, size: size) == [
                .part(name: "language", filename: nil, contentType: nil), .data(Array("en".utf8)),
                .part(name: "file", filename: "a \"b\".wav", contentType: "audio/wav"),
                .data(Array("RIFF\r\n--X\r\n\r\n--".utf8)),
                .part(name: "empty", filename: nil, contentType: nil), .end,
            ]
        )
    }

    @Test func `a preamble is passed over`() throws {
        #expect(try parse("hello\r\n--XX--", size: 4) == [.end])
    }

    @Test func `a form that breaks off is not complete`() throws {
        var parser = try #require(MultipartParser(boundary: "XX"))
        _ = try parser.append(Self.form.utf8.prefix(100))
        #expect(!parser.isComplete)
    }

    @Test(arguments: [
        "--XX\r\nno colon here\r\n\r\n", "--XX\r\nContent-Type: text/plain\r\n\r\n", "--XXjunk\r\n",
        "--XX" + String(repeating: " ", count: 1000) + "\r\n",
        "--XX\r\n" + String(repeating: "a", count: 9000),
    ])
    func `a malformed form is refused`(body: String) {
        #expect(throws: MultipartParser.Malformed.self) { try parse(body, size: 1000) }
    }

    @Test func `a boundary has one to seventy characters`() {
        #expect(MultipartParser(boundary: "") == nil)
        #expect(MultipartParser(boundary: String(repeating: "x", count: 71)) == nil)
    }

    @Test func `a body of near misses is taken in time that grows with its size alone`() throws {
        let body =
            "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + String(repeating: "\r\n--X", count: 100_000)
        #expect(try parse(body, size: 65536).count == 2)
    }

    @Test(arguments: [
        ("filename*=UTF-8''na%C3%AFve%20%E2%82%AC.wav", "naïve €.wav"), ("filename*=utf-8'en'a.wav", "a.wav"),
        ("filename*=iso-8859-1''na%EFve.wav", "naïve.wav"), ("FileName*=UTF-8''%22a%22.wav", "\"a\".wav"),
        ("filename=\"plain.wav\"; filename*=UTF-8''other.wav", "plain.wav"),
        ("filename*=UTF-8''other.wav; filename=\"plain.wav\"", "plain.wav"), ("filename*=a%2.wav", "a%2.wav"),
        ("filename*=\"UTF-8''quoted.wav\"", "quoted.wav"),
    ])
    func `a file may have its name in the extended form alone`(_ parameter: String, _ name: String) throws {
        let body = "--XX\r\nContent-Disposition: form-data; name*=UTF-8''f%69le; \(parameter)\r\n\r\nRIFF\r\n--XX--"
        #expect(
            try parse(body, size: 1000)
                == [.part(name: "file", filename: name, contentType: nil), .data(Array("RIFF".utf8)), .end]
        )
    }
}
