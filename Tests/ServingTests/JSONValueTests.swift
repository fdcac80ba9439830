import Foundation
import Testing

@testable import Serving

@Suite struct JSONValueTests {
    @Test(arguments: [
        #"{"a":[1,2.5,-3,true,false,null],"b":{"c":""},"d":1e+300}"#, #"["\n\r\t\u0001\"\\ü😀\u2028"]"#, "0.1", "[]",
        "{}",
        "9007199254740991", "-9223372036854775808", "1e308", "-0.000001",
    ])
    func `what is written reads back as the same`(json: String) throws {
        let value = try JSONValue(parsing: Array(json.utf8))
        #expect(try JSONValue(parsing: value.bytes) == value)
        #expect((try? JSONSerialization.jsonObject(with: Data(value.bytes), options: .fragmentsAllowed)) != nil)
    }

    @Test func `keys are sorted and numbers plain`() {
        let value: JSONValue = ["b": 2, "a": [1, 0.5], "c": .number(.nan)]
        #expect(String(decoding: value.bytes, as: UTF8.self) == #"{"a":[1,0.5],"b":2,"c":null}"#)
    }

    @Test func `a body is read as JSONSerialization reads it`() throws {
        let text = #" {"a" : "\u00e4\ud83d\ude00\/\"", "b":[ ], "c":{ },"d":[true , false,null],"e":-12.5e-1,"e":7} "#
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(
            value == ["a": "ä😀/\"", "b": [], "c": [:], "d": [true, false, .null], "e": 7],
            "of two members with one name the last counts"
        )
        for wrong in [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]", "nul", "01", "1.", "NaN", "1e999",
            "\"\u{1}\"",
            "{} {}", "]", "\"a",
        ] {
            #expect(throws: APIFailure.self, "\(wrong)") { try JSONValue(parsing: Array(wrong.utf8)) }
        }
        #expect(throws: APIFailure.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func `what lies deep or has very many values is refused before it is built`() throws {
        func nested(_ depth: Int, _ inside: String) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + inside + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(32, "1")) }
        // With a reader that guesses, a few kilobytes of this took many seconds.
        let deep = try #require(throws: APIFailure.self) {
            try JSONValue(parsing: nested(400, Array(repeating: "{}", count: 1500).joined(separator: ",")))
        }
        #expect(deep.message.contains("32 levels at byte 32"))
        let many = try #require(throws: APIFailure.self) {
            try JSONValue(parsing: nested(1, String(repeating: "[],", count: 100_000) + "1"))
        }
        #expect(many.message.contains("100000 values"))
    }

    @Test(arguments: [
        ("", 0, "ends"), (#"{"text": "a" "b"}"#, 13, "unexpected character"), (#"{"text": "a\x"}"#, 11, "escape"),
        ("{\"text\": \"a\nb\"}", 11, "control character"), (#"{"a": 01}"#, 6, "invalid number"),
        (#"{"a": 1e999}"#, 6, "too large"), ("{} {}", 3, "goes on"), (#"{"a": True}"#, 6, "unexpected character"),
    ])
    func `what is wrong with a text is told, and at which byte`(json: String, byte: Int, reason: String) throws {
        let failure = try #require(throws: APIFailure.self) { try JSONValue(parsing: Array(json.utf8)) }
        #expect(failure.message.contains(reason), "\(failure.message)")
        #expect(failure.message.contains("byte \(byte)"), "\(failure.message)")
        #expect(failure.issues.map(\.location) == [["body", "\(byte)"]])
        #expect(failure.issues.first?.context["error"] == .string(failure.message))
    }

    @Test func `half of a surrogate pair is a character that cannot be read`() throws {
        let value = try JSONValue(parsing: Array(#"{"a\udc00":["\ud800","\ud83d\ude00\ud83d!"]}"#.utf8))
        #expect(value == ["a\u{FFFD}": ["\u{FFFD}", "😀\u{FFFD}!"]])
        let failure = try #require(throws: APIFailure.self) { try JSONValue(parsing: Array(#"["\ud800",]"#.utf8)) }
        #expect(failure.message.contains("unexpected character at byte 10"), "\(failure.message)")
    }
}
