import Testing

@testable import Telemetry

@Suite struct RequestIDTests {
    @Test func `a new id is 26 characters that a header accepts`() throws {
        let id = RequestID()
        #expect(id.description.utf8.count == 26)
        #expect(id.description.allSatisfy { "0123456789abcdefghjkmnpqrstvwxyz".contains($0) })
        #expect(RequestID(header: id.description) == id)
    }

    @Test(arguments: [
        ("6F1D6C2E-8b8a-4a0e-9d3f-0a5f7f2c9f11", "6f1d6c2e"), ("0a1b2c3d", "0a1b2c3d"), ("a", "e40c292c"),
        ("foobar", "bf9cf968"), ("req-123", nil), ("01hzzzzzzzzzzzzzzzzzzzzzzz", nil), ("6f1d6c2ef", nil),
    ])
    func `the short id has eight hexadecimal digits that follow from the id`(id: String, short: String?) throws {
        let found = try #require(RequestID(header: id)).short
        #expect(found.wholeMatch(of: #/[0-9a-f]{8}/#) != nil)
        #expect(found == RequestID(header: id)?.short)
        if let short { #expect(found == short) }
    }

    @Test func `new ids differ`() {
        #expect(Set((0..<1000).map { _ in RequestID() }).count == 1000)
    }

    @Test func `ids sort by the time of making`() {
        let ids = [0, 1, 1_000, 1_795_262_400_123, 1_795_262_400_124].map {
            RequestID(milliseconds: $0, high: .random(in: .min ... .max), low: .random(in: .min ... .max)).description
        }
        #expect(ids == ids.sorted())
        #expect(ids[0].hasPrefix("0000000000"))
        #expect(ids[1].hasPrefix("0000000001"))
    }

    @Test func `every bit has its place`() {
        #expect(RequestID(milliseconds: 0, high: 0, low: 0).description == "00000000000000000000000000")
        #expect(RequestID(milliseconds: 0, high: 0, low: 33).description == "00000000000000000000000011")
        #expect(RequestID(milliseconds: .max, high: .max, low: .max).description == "7zzzzzzzzzzzzzzzzzzzzzzzzz")
        #expect(RequestID(milliseconds: -5, high: 1 << 15, low: 0).description == "0000000000g000000000000000")
    }

    @Test(arguments: ["a", "A.b_c-9", "00-4bf92f3577b34da6-01", String(repeating: "x", count: 128)])
    func `a well-formed header is accepted`(header: String) {
        #expect(RequestID(header: header)?.description == header)
    }

    @Test(arguments: [
        "", " ", "a b", "a\nb", "a\r\nSet-Cookie: x", "é", "a\u{0}", "a/b", "a:b", "<script>", "\u{FF11}",
        String(repeating: "x", count: 129),
    ])
    func `anything else is refused`(header: String) {
        #expect(RequestID(header: header) == nil)
    }

    @Test func `the current id is that of the task and of its children`() async {
        #expect(RequestID.current == nil)
        let id = RequestID()
        await RequestID.$current.withValue(id) {
            async let child = RequestID.current
            #expect(await child == id)
        }
        #expect(RequestID.current == nil)
    }
}
