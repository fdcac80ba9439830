@testable import Events
import NIOCore
import Testing

@Suite struct JSONObjectReaderTests {
    private func reader(_ text: String) throws -> JSONObjectReader {
        try JSONObjectReader(ByteBuffer(string: text))
    }

    @Test func `members are found by key and kind`() throws {
        let reader = try reader(
            #" { "s" : "x\ny", "u":42, "i":-7, "d":1.5, "t":true, "f":false, "n":null, "o":{"b":1, "a":2}, "a":["p","q"] } "#
        )
        #expect(reader.keys == ["s", "u", "i", "d", "t", "f", "n", "o", "a"])
        #expect(reader.string("s") == "x\ny")
        #expect(reader.unsigned("u") == 42 && reader.integer("i") == -7 && reader.double("d") == 1.5)
        #expect(reader.bool("t") == true && reader.bool("f") == false)
        #expect(reader.kind(of: "n") == .null && reader.kind(of: "missing") == nil)
        #expect(reader.object("o")?.text == #"{"b":1, "a":2}"#)
        #expect(try reader.reader("o")?.unsigned("a") == 2)
        #expect(reader.strings("a", limit: 2) == ["p", "q"])
        #expect(reader.raw("a")?.text == #"["p","q"]"#)
    }

    @Test func `a member of another kind is none`() throws {
        let reader = try reader(#"{"s":"1","n":1,"m":-1,"h":1.5,"z":null,"a":[1],"o":{}}"#)
        #expect(reader.unsigned("s") == nil && reader.string("n") == nil && reader.bool("n") == nil)
        #expect(reader.unsigned("m") == nil && reader.unsigned("h") == nil && reader.object("a") == nil)
        #expect(reader.strings("a", limit: 9) == nil && reader.strings("o", limit: 9) == nil)
        #expect(reader.string("z") == nil && reader.string("missing") == nil && reader.raw("missing") == nil)
        #expect(try reader.reader("a") == nil)
    }

    @Test func `of equal keys the last counts`() throws {
        let reader = try reader(#"{"a":1,"b":2,"\u0061":3}"#)
        #expect(reader.unsigned("a") == 3)
        #expect(reader.keys == ["a", "b", "a"])
    }

    @Test func `keys are compared byte for byte`() throws {
        let reader = try reader("{\"\u{E9}\":1,\"e\u{301}\":2,\"\\u00e8\":3}")
        #expect(reader.unsigned("\u{E9}") == 1 && reader.unsigned("e\u{301}") == 2 && reader.unsigned("\u{E8}") == 3)
    }

    @Test(arguments: [
        (#""\u00e9\u65e5\ud83d\ude00""#, "é日😀"), (#""x\uDBFF\uDFFFx""#, "x\u{10FFFF}x"),
        (#""\ud800\udc00""#, "\u{10000}"), (#""\"\\\/\b\f\n\r\t\u0000""#, "\"\\/\u{8}\u{C}\n\r\t\0"),
        (#""é\u00e9""#, "éé"),
    ])
    func `escape sequences are resolved`(_ text: String, _ value: String) throws {
        #expect(try reader("{\"k\":\(text)}").string("k").map { Array($0.utf8) } == Array(value.utf8))
    }

    @Test func `numbers have their limits`() throws {
        let reader = try reader(#"{"a":18446744073709551615,"b":18446744073709551616,"c":1e308,"d":-0,"e":1e2}"#)
        #expect(reader.unsigned("a") == .max && reader.unsigned("b") == nil)
        #expect(reader.integer("a") == nil && reader.double("c") == 1e308)
        #expect(reader.unsigned("d") == 0 && reader.unsigned("e") == nil && reader.double("e") == 100)
    }

    @Test(arguments: [
        ("[1]", JSONTextError.Reason.notAnObject), ("null", .notAnObject), ("\"x\"", .notAnObject),
        ("[1", .unexpectedEnd),
        ("", .unexpectedEnd), ("{} {}", .trailingBytes), ("{", .unexpectedEnd),
    ])
    func `what is no object is refused`(_ text: String, _ reason: JSONTextError.Reason) {
        let error = #expect(throws: JSONTextError.self) { try reader(text) }
        #expect(error?.reason == reason)
    }

    @Test func `an object has at most 1024 members`() throws {
        func text(_ count: Int) -> String {
            "{" + (0..<count).map { "\"\($0)\":\($0)" }.joined(separator: ",") + "}"
        }
        #expect(try reader(text(1024)).unsigned("1023") == 1023)
        let error = #expect(throws: JSONTextError.self) { try reader(text(1025)) }
        #expect(error?.reason == .tooManyMembers)
        #expect(try reader("{\"o\":\(text(2000))}").object("o")?.text == text(2000))
    }

    @Test func `a text in the middle of a buffer is read`() throws {
        var buffer = ByteBuffer(string: "garbage{\"a\":{\"b\":\"c\"}}")
        buffer.moveReaderIndex(forwardBy: 7)
        #expect(try JSONObjectReader(buffer).reader("a")?.string("b") == "c")
    }

    @Test func `errors speak in sentences`() {
        let reasons: [JSONTextError.Reason] = [
            .unexpectedEnd, .unexpectedByte, .trailingBytes, .invalidNumber, .invalidEscape, .controlCharacter,
            .invalidUTF8, .tooDeep, .notAnObject, .tooManyMembers,
        ]
        let sentences = reasons.map { JSONTextError($0, at: 3).description }
        #expect(Set(sentences).count == reasons.count)
        #expect(sentences.allSatisfy { $0.hasPrefix("The JSON ") && $0.hasSuffix(".") })
    }
}
