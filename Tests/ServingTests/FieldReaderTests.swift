import Testing

@testable import Serving

@Suite struct FieldReaderTests {
    private func reader(_ json: String) throws -> FieldReader { try FieldReader(json: Array(json.utf8)) }

    @Test func `good fields are read`() throws {
        var fields = try reader(#"{"text":"hello","speed":1.5,"count":3,"split":true,"format":"wav","absent":null}"#)
        #expect(fields.required("text") == "hello")
        #expect(fields.number("speed", in: 0.25...4) == 1.5)
        #expect(fields.integer("count", in: 0...10) == 3)
        #expect(fields.bool("split") == true)
        #expect(fields.choice("format", expected: ["wav"]) { $0 == "wav" ? 1 : nil } == 1)
        #expect(fields.string("absent") == nil)
        try fields.check()
    }

    @Test func `all faults are reported together with their places`() throws {
        var fields = try reader(#"{"text":"","speed":100,"count":1.5,"split":"maybe","format":7,"name":[]}"#)
        _ = fields.required("text")
        _ = fields.number("speed", in: 0.25...4)
        _ = fields.integer("count", in: 0...10)
        _ = fields.bool("split")
        _ = fields.choice("format", expected: ["wav"]) { _ in 1 }
        _ = fields.string("name")
        _ = fields.required("missing")
        #expect(
            fields.issues.map(\.kind) == [
                "string_too_short", "less_than_equal", "int_type", "bool_type", "literal_error", "string_type",
                "missing",
            ]
        )
        #expect(fields.issues.last?.location == ["body", "missing"])
        #expect(throws: APIFailure.self) { try fields.check() }
    }

    @Test(arguments: ["", "{", "[1]", "\"text\"", "nul", "{\"a\":1}x", String(repeating: "[", count: 100_000)])
    func `a body that is not a JSON object is refused`(json: String) {
        #expect(throws: APIFailure.self) { try reader(json) }
    }

    @Test func `a form's fields are texts that stand for other values`() throws {
        var form = UploadedForm()
        form.fields = [
            .init(name: "speed", value: "2"), .init(name: "empty", value: ""), .init(name: "split", value: "1"),
        ]
        var fields = FieldReader(form: form)
        #expect(fields.number("speed", in: 0...4) == 2)
        #expect(fields.number("empty", in: 0...4) == nil)
        #expect(fields.bool("split") == true)
        try fields.check()
        _ = fields.required("empty")
        #expect(fields.issues.map(\.kind) == ["missing"])
    }

    @Test func `numbers that are not finite are refused`() throws {
        var form = UploadedForm()
        form.fields = [.init(name: "speed", value: "nan"), .init(name: "other", value: "inf")]
        var fields = FieldReader(form: form)
        _ = fields.number("speed", in: 0...4)
        _ = fields.number("other", in: 0...4)
        #expect(fields.issues.count == 2)
    }
}
