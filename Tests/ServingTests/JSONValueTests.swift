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
            #""\ud800""#, "{} {}", "]", "\"a",
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
        #expect("\(deep)".contains("32 deep"))
        let many = try #require(throws: APIFailure.self) {
            try JSONValue(parsing: nested(1, String(repeating: "[],", count: 100_000) + "1"))
        }
        #expect("\(many)".contains("100000 values"))
    }
}
