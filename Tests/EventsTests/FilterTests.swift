import Events
import NIOCore
import Testing

@Suite struct FilterTests {
    private func filter(_ text: String) throws -> Filter {
        try Filter(JSONObjectReader(ByteBuffer(string: text)))
    }

    private func passes(_ filter: String, _ data: String, type: String = "custom") throws -> Bool {
        try self.filter(filter).matches(type: type, data: ByteBuffer(string: data))
    }

    @Test func `types are compared`() throws {
        #expect(try passes(#"{"types":["error","custom"]}"#, "{}"))
        #expect(try !passes(#"{"types":["error"]}"#, "{}"))
        #expect(throws: FilterError.invalidTypes) { try passes(#"{"types":[]}"#, "{}") }
        #expect(Filter(types: ["error"]).matches(type: "error", data: ByteBuffer()))
    }

    @Test(arguments: [
        (#"{"s":"x"}"#, true), (#"{"s":"y"}"#, false), (#"{}"#, false), (#"{"s":null}"#, false),
        (#"{"s":["x"]}"#, false),
        (#"{"s":"\u0078"}"#, true), (#"{"a":{"s":"x"}}"#, false), (#"{"s":"y","s":"x"}"#, true),
        (#"{"s":"x","s":"y"}"#, false), (#"{"\u0073":"x"}"#, true), (#"["s","x"]"#, false), (#"{"s":"x""#, false),
        ("", false),
        (#" { "s" : "x" } "#, true),
    ])
    func `a string must be equal`(_ data: String, _ expected: Bool) throws {
        #expect(try passes(#"{"data":{"s":"x"}}"#, data) == expected)
    }

    @Test(arguments: [
        ("1", "1", true), ("1", "1.0", true), ("1.0", "1e0", true), ("1", "2", false), ("0", "-0", true),
        ("0", "-0.0", true),
        ("9007199254740993", "9007199254740993", true), ("9007199254740993", "9007199254740992", false),
        ("1", "\"1\"", false), ("true", "true", true), ("true", "false", false),
        ("false", "false", true), ("null", "null", true), ("null", "0", false), ("true", "1", false),
    ])
    func `other values must be equal`(_ condition: String, _ value: String, _ expected: Bool) throws {
        #expect(try passes("{\"data\":{\"k\":\(condition)}}", "{\"k\":\(value)}") == expected)
    }

    @Test func `all conditions must hold`() throws {
        let filter = #"{"types":["custom"],"data":{"a":1,"b":"x"}}"#
        #expect(try passes(filter, #"{"b":"x","z":0,"a":1}"#))
        #expect(try !passes(filter, #"{"b":"x","a":2}"#))
        #expect(try !passes(filter, #"{"b":"x"}"#))
        #expect(try !passes(filter, #"{"b":"x","a":1}"#, type: "error"))
    }

    @Test func `an empty filter lets everything through`() throws {
        for text in ["{}", #"{"data":{}}"#, #"{"types":null,"data":null}"#] {
            #expect(try passes(text, "{}"))
        }
    }

    @Test func `there may be 16 conditions`() throws {
        func members(_ count: Int) -> String {
            "{" + (0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        }
        #expect(try passes("{\"data\":\(members(16))}", members(20)))
        #expect(try !passes("{\"data\":\(members(16))}", members(15)))
        #expect(throws: FilterError.tooManyConditions(17)) { try filter("{\"data\":\(members(17))}") }
        #expect(throws: FilterError.self) { try filter("{\"data\":\(members(3000))}") }
    }

    @Test(arguments: [
        (#"{"types":"error"}"#, FilterError.invalidTypes), (#"{"types":[1]}"#, .invalidTypes),
        (#"{"type":"error"}"#, .unknownMember("type")), (#"{"data":[]}"#, .invalidData),
        (#"{"data":"x"}"#, .invalidData),
        (#"{"data":{"k":{}}}"#, .unsupportedValue(key: "k")), (#"{"data":{"k":[1]}}"#, .unsupportedValue(key: "k")),
    ])
    func `what cannot be compared is refused`(_ text: String, _ error: FilterError) {
        #expect(throws: error) { try filter(text) }
        #expect(error.description.hasPrefix("The filter") && error.description.hasSuffix("."))
    }

    @Test func `there may be 32 types`() throws {
        let types = (0..<33).map { "\"t\($0)\"" }
        #expect(try filter("{\"types\":[\(types.prefix(32).joined(separator: ","))]}").types?.count == 32)
        #expect(throws: FilterError.invalidTypes) { try filter("{\"types\":[\(types.joined(separator: ","))]}") }
    }
}
