import HTTPTypes
import Hummingbird
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

    private func reader(form fields: [(String, String)]) -> FieldReader {
        var form = UploadedForm()
        form.fields = fields.map { .init(name: $0.0, value: $0.1) }
        return FieldReader(form: form)
    }

    @Test(arguments: ["True", "TRUE", "true", "yes", "Yes", "on", "ON", "1", " true\n", "t", "Y"])
    func `truth is read as Python, PHP and pages write it`(word: String) throws {
        let opposite = [
            "True": "False", "TRUE": "FALSE", "true": "false", "yes": "no", "Yes": "No", "on": "off", "ON": "OFF",
            "1": "0", " true\n": "\tfalse", "t": "f", "Y": "N",
        ]
        for (text, value) in [(word, true), (try #require(opposite[word]), false)] {
            var fields = reader(form: [("a", text)])
            #expect(fields.bool("a") == value)
            try fields.check()
            fields = try FieldReader(json: JSONValue.object(["a": .string(text)]).bytes)
            #expect(fields.bool("a") == value)
            try fields.check()
        }
    }

    @Test func `numbers 1 and 0 of JSON are truth values and others are not`() throws {
        var fields = try reader(#"{"a":1,"b":0,"c":2,"d":"maybe","e":[],"f":"truetrue"}"#)
        #expect(fields.bool("a") == true)
        #expect(fields.bool("b") == false)
        for name in ["c", "d", "e", "f"] { #expect(fields.bool(name) == nil) }
        #expect(fields.issues.map(\.location.last) == ["c", "d", "e", "f"])
    }

    @Test(
        arguments: [
            [("l", "word"), ("l", "segment")], [("l[]", "word"), ("l[]", "segment")],
            [("l[0]", "word"), ("l[1]", "segment")],
            [("l", "word,segment")], [("l", " word , segment,")], [("l", #"["word","segment"]"#)],
            [("l", "['word', 'segment']")], [("l[]", #"["word", "segment"]"#)], [("l", "word"), ("l[]", "segment")],
            [("l", "[word,segment]")],
        ] as [[(String, String)]]
    )
    func `lists are read as Python, PHP and people write them`(form: [(String, String)]) throws {
        var fields = reader(form: form)
        #expect(fields.list("l") == ["word", "segment"])
        fields.lookAtOthers()
        #expect(fields.ignored.isEmpty)
        try fields.check()
    }

    @Test func `lists of JSON are arrays of strings or texts`() throws {
        var fields = try reader(#"{"a":["x","y"],"b":"x,y","c":[1],"d":{},"e":[],"f":""}"#)
        #expect(fields.list("a") == ["x", "y"])
        #expect(fields.list("b") == ["x", "y"])
        for name in ["c", "d", "e", "f"] { #expect(fields.list(name) == []) }
        #expect(fields.issues.map(\.location.last) == ["c", "d"])
    }

    @Test func `a field that may be given once is taken from a list of one, and must not contradict itself`() throws {
        var fields = reader(form: [
            ("a[]", "en"), ("b", "2"), ("b", "2"), ("c", "1"), ("c[1]", "2"), ("d", "1"), ("d", "2"),
        ])
        #expect(fields.string("a") == "en")
        #expect(fields.number("b", in: 0...4) == 2)
        _ = fields.number("c", in: 0...4)
        fields.lookAtOthers()
        let failure = try #require(throws: APIFailure.self) { try fields.check() }
        #expect(failure.issues.map(\.location) == [["body", "c"]])
        #expect(failure.message.contains("given 2 times"))
        #expect(fields.ignored == ["d"])
    }

    @Test func `words are taken in any case`() throws {
        var fields = reader(form: [("a", "WAV"), ("b", " Wav "), ("c", "wave")])
        for name in ["a", "b", "c"] {
            let choice = fields.choice(name, expected: ["wav"]) { $0 == "wav" ? 1 : nil }
            #expect((choice == 1) == (name != "c"))
        }
        #expect(fields.issues.map(\.location.last) == ["c"])
    }

    @Test func `a field that can only be meant as another is a fault, and what is not known is named`() throws {
        var fields = try reader(
            #"{"voice":"joe","voice_idd":"x","responseFormat":"wav","strem":true,"hotwords":"a","x-y":{},"seed":1}"#
        )
        for name in ["voice_id", "response_format", "stream"] { _ = fields.string(name) }
        _ = fields.integer("seed", in: 0...1)
        fields.ignore("seed", "temperature")
        fields.lookAtOthers(meaning: ["voice": "voice_id"])
        let failure = try #require(throws: APIFailure.self) { try fields.check() }
        #expect(
            failure.issues.map { [$0.location[1], $0.kind, $0.message] } == [
                ["responseFormat", "extra_forbidden", "There is no such field; did you mean response_format?"],
                ["strem", "extra_forbidden", "There is no such field; did you mean stream?"],
                ["voice", "extra_forbidden", "There is no such field; did you mean voice_id?"],
                ["voice_idd", "extra_forbidden", "There is no such field; did you mean voice_id?"],
            ]
        )
        #expect(fields.ignored == ["seed", "hotwords", "x-y"])
    }

    @Test func `what means something else is not taken for a misspelt field`() throws {
        var fields = try reader(
            #"{"temperature":0,"temperature_inc":1,"mode":"x","next":1,"language_id":"de","voice_name":"x","test":1}"#
        )
        for name in ["temperature", "model", "text", "language", "voice_mode"] { _ = fields.value(name) }
        fields.lookAtOthers()
        try fields.check()
        #expect(fields.ignored == ["language_id", "mode", "next", "temperature_inc", "test", "voice_name"])
    }

    @Test func `lists without effect may have several values`() throws {
        var fields = reader(form: [("names[]", "a"), ("names[]", "b"), ("other[0]", "c")])
        fields.ignore("names", "other")
        fields.lookAtOthers()
        try fields.check()
        #expect(fields.ignored == ["names", "other"])
    }

    @Test func `fields, elements and faults are limited, and long values are not repeated`() throws {
        let many = (0...FieldReader.fieldLimit).map { "\"field\($0)\":1" }.joined(separator: ",")
        let refusal = try #require(throws: APIFailure.self) { try reader("{\(many)}") }
        #expect(refusal.issues.map(\.kind) == ["too_long"])
        var fields = reader(form: [
            ("list", String(repeating: "x,", count: 101)), ("long", String(repeating: "y", count: 9000)),
        ])
        #expect(fields.list("list") == [])
        for _ in 0..<50 { _ = fields.choice("long", expected: ["wav"]) { _ -> Int? in nil } }
        let failure = try #require(throws: APIFailure.self) { try fields.check() }
        #expect(failure.issues.count == FieldReader.issueLimit)
        #expect(failure.issues.allSatisfy { $0.input.bytes.count < 1100 })
    }

    @Test func `the query is read as forms are written`() throws {
        let request = Request(
            head: .init(
                method: .get,
                scheme: nil,
                authority: nil,
                path: "/tts?text=Hello+there%2B&names%5B%5D=a&names[]=%C3%A4&="
            ),
            body: .init(buffer: .init())
        )
        var fields = reader(form: [])
        fields.addQuery(of: request)
        #expect(fields.string("text") == "Hello there+")
        #expect(fields.list("names") == ["a", "ä"])
        try fields.check()
    }

    @Test func `the parts of a field that is known are not taken for a misspelt one`() throws {
        var fields = reader(form: [("chunking_strategy[type]", "auto"), ("a[b][0]", "c")])
        fields.ignore("chunking_strategy")
        fields.lookAtOthers()
        try fields.check()
        #expect(fields.ignored == ["a[b]", "chunking_strategy[type]"])
    }

    @Test func `what is ignored is told in a header that nothing can be smuggled into`() {
        var headers: HTTPFields = [:]
        headers.nameIgnored([])
        #expect(headers[.xIgnoredFields] == nil)
        headers.nameIgnored(["a", "ä\r\nx: y"])
        headers.nameIgnored(["b"])
        #expect(headers[.xIgnoredFields] == "a, %C3%A4%0D%0Ax: y, b")
    }
}
