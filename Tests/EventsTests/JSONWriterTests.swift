import Events
import NIOCore
import Testing
import TestRandom

@Suite struct JSONWriterTests {
    private func written(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return writer.buffer.text
    }

    @Test func `an object is written in the order of its members`() {
        let text = JSONWriter.object { object in
            object.member("topic", "a/b")
            object.member("success", true)
            object.member("name", nil)
            object.member("offset", UInt64.max)
            object.member("below", -3)
            object.member("ratio", 0.25)
            object.member("at", Timestamp(microseconds: 1))
            object.member("data", raw: ByteBuffer(string: "{\"z\":1,\"a\":2}"))
            object.member("names", ["x", "y"])
            object.object("empty") { _ in }
            object.array("entries") { array in
                array.object { $0.member("key", "k") }
                array.object { $0.member("key", "l") }
                array.null()
                array.array { _ in }
            }
            object.member("end", false)
        }
        let expected =
            #"{"topic":"a/b","success":true,"name":null,"offset":18446744073709551615,"below":-3,"ratio":0.25,"#
            + #""at":"1970-01-01T00:00:00.000001","data":{"z":1,"a":2},"names":["x","y"],"empty":{},"#
            + #""entries":[{"key":"k"},{"key":"l"},null,[]],"end":false}"#
        #expect(text.text == expected)
    }

    @Test(arguments: [
        ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\0\u{1F}", #""\u0000\u001f""#),
        ("é日😀/\u{7F}", "\"é日😀/\u{7F}\""), ("\u{2028}", "\"\u{2028}\""), ("<script>", "\"<script>\""),
    ])
    func `strings are escaped where they must be`(_ text: String, _ expected: String) {
        #expect(written { $0.string(text) } == expected)
    }

    @Test(
        arguments: [
            (1.0, "1.0"), (0.1, "0.1"), (-2.5, "-2.5"), (1e16, "1e+16"), (.leastNonzeroMagnitude, "5e-324"),
            (-0.0, "-0.0"),
            (.nan, "null"), (.infinity, "null"), (-.infinity, "null"),
        ] as [(Double, String)]
    )
    func `numbers are short and always JSON`(_ number: Double, _ expected: String) throws {
        #expect(written { $0.double(number) } == expected)
        try JSONText.validate(ByteBuffer(string: expected))
    }

    @Test func `what is written is read back`() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x10FFFF
                text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: 0...limit, using: &random)) ?? "x")
            }
            let object = JSONWriter.object(capacity: 0) { $0.member(text, text) }
            #expect(try JSONObjectReader(object).string(text).map { Array($0.utf8) } == Array(text.utf8))
        }
    }
}
