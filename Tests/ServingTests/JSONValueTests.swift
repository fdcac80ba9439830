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
}
