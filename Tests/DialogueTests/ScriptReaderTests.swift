import Foundation
import Testing

@testable import Dialogue

@Suite struct ScriptReaderTests {
    private func read(_ yaml: String) throws -> Script {
        try Script(bytes: Array(yaml.utf8), file: "test.yaml")
    }

    private func mistake(_ yaml: String) -> ScriptError? {
        do {
            _ = try read(yaml)
            return nil
        } catch {
            return error as? ScriptError
        }
    }

    private func script(intent: String) -> String {
        "intents:\n\(intent)\nfallback: no\nempty: what\n"
    }

    @Test func `a small script is read`() throws {
        let script = try read(
            """
            name: Test
            intents:
              - id: sum
                when: ["what is {expression}", "calculate {expression}"]
                do: calculate
                help: do sums
              - id: hello
                when: hello
                say: ["Hello {user}!", Hi!]
            fallback: I don't know.
            empty: [What?]
            """
        )
        #expect(script.name == "Test")
        #expect(script.intents.map(\.id) == ["sum", "hello"])
        #expect(script.intents[0].action == .calculate)
        #expect(script.intents[0].replies == ["That is {result}."])
        #expect(script.intents[0].ability == "do sums")
        #expect(script.intents[1].replies == ["Hello {user}!", "Hi!"])
        #expect(script.fallback == ["I don't know."])
    }

    @Test func `the bundled script has no mistakes`() throws {
        let script = try Script.bundled()
        #expect(script.intents.count >= 10)
        #expect(Set(script.intents.compactMap(\.action)) == Set(ScriptAction.allCases))
    }

    @Test func `an unknown key is told with file, line and suggestion`() {
        let error = mistake(script(intent: "  - id: a\n    when: a\n    sya: b"))
        #expect(error?.line == 4)
        #expect(
            error?.description == """
                test.yaml:4: unknown key "sya" in the intent "a", did you mean "say"?; known are id, when, do, say, help
                """
        )
    }

    @Test(
        arguments: [
            ("  - id: a\n    when: a\n    do: tiem", 4, "did you mean \"time\"?"),
            ("  - id: a\n    when: a\n    say: it is {tiem}", 4, "did you mean \"time\"?"),
            ("  - id: a\n    when:\n      - ok\n      - '[broken'\n    say: b", 5, "bracket"),
            ("  - id: a\n    when: [\"do {x}\", other]\n    say: you said {x}", 4, "unknown variable {x}"),
            ("  - id: a\n    when: spell it\n    do: spell", 3, "needs the slot {word}"),
            ("  - id: a\n    when: []\n    say: b", 3, "at least one"),
            ("  - id: a\n    say: b", 2, "\"when\""), ("  - id: a\n    when: b", 2, "\"say\""),
            ("  - when: a\n    say: b", 2, "\"id\""), ("  - just text", 2, "mapping"),
            ("  - id: a\n    when: a\n    say: {b: c}", 4, "list"),
            ("  - id: a\n    when: a\n    say: b\n  - id: a\n    when: c\n    say: d", 5, "two intents \"a\""),
            ("  - id: a\n    when: a\n    say: b\n    say: c", nil, "say"),
        ] as [(String, Int?, String)]
    )
    func `mistakes are told with their line`(intent: String, line: Int?, part: String) {
        let error = mistake(script(intent: intent))
        #expect(error?.file == "test.yaml")
        if let line { #expect(error?.line == line) }
        #expect(error?.message.contains(part) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n", "secret: value\n", "secret: 1\nsecret: 2\n",
        "{secret\n", "secret: [", "- secret\n", "\"secret",
    ]) func `nothing is shown of a file that is no script`(text: String) {
        do {
            _ = try Script(bytes: Array(text.utf8), file: "given.yaml")
            Issue.record("taken")
        } catch {
            #expect(!error.description.contains("secret") && !error.description.contains("root"))
            #expect(error.description.hasPrefix("given.yaml"))
        }
    }

    @Test func `text that is no YAML is told with its line`() {
        #expect(mistake("intents:\n  - id: [\n")?.line != nil)
        #expect(mistake("a: b\n\tc: d")?.line == 2)
        #expect(mistake("")?.message == "the file is empty")
        #expect(mistake("just text")?.message.contains("mapping") == true)
        #expect(mistake("intents: []\nfallback: a\nempty: b")?.message.contains("at least one intent") == true)
        #expect(mistake("name: a")?.message.contains("intents") == true)
        #expect(mistake("intents:\n  - {id: a, when: a, say: a}\nempty: b")?.message.contains("fallback") == true)
    }

    @Test func `limits hold`() {
        let phrases = (0...100).map { "      - phrase \($0)" }.joined(separator: "\n")
        #expect(
            mistake(script(intent: "  - id: a\n    when:\n\(phrases)\n    say: b"))?.message.contains("100") == true
        )
        let intents = (0...1000).map { "  - {id: i\($0), when: a, say: b}" }.joined(separator: "\n")
        #expect(mistake(script(intent: intents))?.message.contains("1000") == true)
        let long = String(repeating: "x", count: 2001)
        #expect(mistake(script(intent: "  - {id: a, when: a, say: \(long)}"))?.message.contains("2000") == true)
        #expect(mistake(String(repeating: "#", count: 1_000_001))?.message.contains("1000000") == true)
        #expect(throws: ScriptError.self) { try Script(bytes: [0xFF, 0xFE, 0xFA], file: "test.yaml") }
    }

    @Test(.timeLimit(.minutes(5))) func `aliases do not explode`() {
        var yaml = "l0: &l0 [a, a, a, a, a, a, a, a, a, a]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*l\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "l\(level): &l\(level) [\(aliases)]\n"
        }
        #expect(mistake(yaml + "*l9: x\n")?.message.contains("aliases") == true)
    }

    @Test(.timeLimit(.minutes(5))) func `deep nesting is an error`() {
        #expect(mistake(String(repeating: "[", count: 100_000)) != nil)
        #expect(mistake(String(repeating: "- ", count: 100_000)) != nil)
    }

    @Test func `a file is read from its path`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "script-\(UUID()).yaml").path
        try script(intent: "  - {id: a, when: a, say: b}").write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try Script(contentsOf: path).intents.count == 1)
        #expect(throws: ScriptError.self) { try Script(contentsOf: path + ".missing") }
        #expect(throws: ScriptError.self) { try Script(contentsOf: FileManager.default.temporaryDirectory.path) }
    }
}
