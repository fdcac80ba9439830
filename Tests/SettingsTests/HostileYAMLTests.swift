import Testing

@testable import Settings

@Suite struct HostileYAMLTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        ("bind: [", "antiphon.yaml:2:1: not valid YAML: did not find expected node content while parsing a flow node"),
        (
            "bind: a\n\tspeech: b",
            "antiphon.yaml:2:1: not valid YAML: found a tab character that violates indentation while scanning a plain scalar"
        ),
        ("a: 'b", "antiphon.yaml:1:6: not valid YAML: found unexpected end of stream while scanning a quoted scalar"),
        ("bind: a\nbind: b", "antiphon.yaml:1:1: `bind` is there more than once in the same section; keep one"),
        (
            "speech:\n  speed: 1\n  voice: a\n  speed: 2",
            "antiphon.yaml:2:3: `speed` is there more than once in the same section; keep one"
        ),
        (
            "bind: a\n---\nbind: b",
            "antiphon.yaml:2:1: not valid YAML: but found another document expected a single document in the stream"
        ),
        ("bind: a\nspeech:\n  voice: \u{1}", "antiphon.yaml:3:10: not valid YAML: control characters are not allowed"),
        ("? [a]\n: b", "antiphon.yaml:1:3: a key must be a word"),
        (
            "bind: &a x",
            "antiphon.yaml:1:7: anchors and aliases are not supported; write the value out, or put text between quotes"
        ),
        ("a: *b", "antiphon.yaml:1:4: not valid YAML: found undefined alias"),
        (
            "a: &b {}\nc: *b",
            "antiphon.yaml:1:4: anchors and aliases are not supported; write the value out, or put text between quotes"
        ),
    ]) func `what is no YAML of ours is told with its place`(yaml: String, problem: String) throws {
        let problems = try folder.problems(yaml)
        #expect(problems == [problem])
    }

    @Test func `ten levels are enough`() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(try folder.problems("none: \(nested(9))") == ["antiphon.yaml:1:1: none: unknown key"])
        #expect(try folder.problems("a: \(nested(10))") == ["antiphon.yaml:1:13: nested more than 10 levels deep"])
        #expect(try folder.problems("a: \(nested(900))") == ["antiphon.yaml:1:13: nested more than 10 levels deep"])
    }

    @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[? "]) func `endless nesting ends`(opening: String) throws {
        let problems = try folder.problems(String(repeating: opening, count: 100_000))
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("antiphon.yaml:1:") == true)
    }

    @Test func `aliases of aliases are refused before they are expanded`() throws {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        yaml += "? *a20\n: x"
        #expect(
            try folder.problems(yaml) == [
                "antiphon.yaml:1:5: anchors and aliases are not supported; write the value out, or put text between quotes"
            ]
        )
    }

    @Test func `text may look like anchors and aliases`() throws {
        let emphasis = Array(repeating: "*very*", count: 40).joined(separator: " ")
        let prompt = try folder.load("model: { system_prompt: \"Be \(emphasis) kind & R&D\" }").settings.model
            .systemPrompt
        #expect(prompt.contains("*very* *very*"))
        let small = try folder.load("model: { system_prompt: \"Use &amp; and *this*\" }").settings.model.systemPrompt
        #expect(small == "Use &amp; and *this*")
    }

    @Test func `a megabyte is enough`() throws {
        let comment = String(repeating: "# 3456789\n", count: 104_858)
        #expect(try folder.problems(comment) == ["antiphon.yaml is larger than 1 MiB"])
        let keys = (0..<50_000).map { "k\($0): 1" }.joined(separator: "\n")
        #expect(try folder.problems(keys).last == "and 49900 more")
    }

    @Test func `tags have no effect`() throws {
        #expect(try folder.load("bind: !!binary aGk=").settings.bind == "aGk=")
        #expect(try folder.load("speech: !foo { speed: !!str 2 }").settings.speech.speed == 2)
    }

    @Test func `a message has no control characters and an end`() throws {
        let long = String(repeating: "x", count: 500)
        let problems = try folder.problems("\"a\\e[31m\": 1\nspeech: { speed: \"\\e\(long)\" }")
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { $0.count < 200 && !$0.contains("\u{1B}") })
    }
}
