import Foundation
import Testing
import TestRandom

@testable import Settings

@Suite struct SettingsFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func edited(_ yaml: String, _ changes: [String: SettingValue]) throws -> String {
        try folder.write(yaml)
        try SettingsFile(path: folder.file("antiphon.yaml")).save(changes: changes)
        return try folder.read()
    }

    @Test(
        arguments: [
            // Values that are there.
            ("# top\nbind: a # why\n", "bind", "b", "# top\nbind: b # why\n"),
            ("bind: \"a # b\"   # why\n", "bind", "b", "bind: b   # why\n"),
            ("bind: 'it''s'\n", "bind", "b", "bind: b\n"),
            ("bind:\n", "bind", "b", "bind: b\n"),
            ("bind: a\r\nspeech:\r\n  speed: 1 # x\r\n", "speech.speed", 2, "bind: a\r\nspeech:\r\n  speed: 2 # x\r\n"),
            ("speech: { voice: a, speed: 1 } # x\n", "speech.speed", 2.5, "speech: { voice: a, speed: 2.5 } # x\n"),
            ("speech:\n  voice: ~ # none\n", "speech.voice", "joe", "speech:\n  voice: joe # none\n"),
            ("speech:\n  voice: joe\n", "speech.voice", nil, "speech:\n  voice: null\n"),
            ("{\"bind\": \"a\"}", "bind", "b", "{\"bind\": b}"),
            ("bind: ä", "bind", "ö", "bind: \"ö\""),
            // Lists, maps and text of several lines.
            (
                "speech:\n  recognizers: [a, 'b]'] # x\n  speed: 1\n", "speech.recognizers", ["c"],
                "speech:\n  recognizers: [c] # x\n  speed: 1\n"
            ),
            (
                "speech:\n  recognizers: # x\n    - a\n\n  # low\n    - b\n  # next\n  speed: 1\n",
                "speech.recognizers", ["c"],
                "speech:\n  recognizers: [c]\n  # next\n  speed: 1\n"
            ),
            (
                "speech:\n  recognizers:\n  - a\n  - b\n  speed: 1\n", "speech.recognizers", ["c"],
                "speech:\n  recognizers: [c]\n  speed: 1\n"
            ),
            (
                "model:\n  system_prompt: |\n    one\n    # two\n  name: x\n", "model.system_prompt", "three\nfour",
                "model:\n  system_prompt: \"three\\nfour\"\n  name: x\n"
            ),
            (
                "speech:\n  voice_map:\n    a: b\nbind: c\n", "speech.voice_map", ["x": "joe"],
                "speech:\n  voice_map: { x: joe }\nbind: c\n"
            ),
            // Keys that are missing.
            ("", "bind", "b", "bind: b\n"),
            ("# only a comment", "bind", "b", "# only a comment\nbind: b\n"),
            ("speech:\n  speed: 1", "bind", "b", "speech:\n  speed: 1\nbind: b\n"),
            ("bind: a\n", "speech.openai.voice", "nova", "bind: a\nspeech:\n  openai:\n    voice: nova\n"),
            (
                "speech: # mine\n    # fast\n    speed: 1\n", "speech.voice", "joe",
                "speech: # mine\n    voice: joe\n    # fast\n    speed: 1\n"
            ),
            ("speech:\nbind: a\n", "speech.openai.voice", "nova", "speech:\n  openai:\n    voice: nova\nbind: a\n"),
            ("speech: {}\n", "speech.openai.voice", "nova", "speech: { openai: { voice: nova } }\n"),
            ("speech: { speed: 1 }\n", "speech.voice", "joe", "speech: { voice: joe, speed: 1 }\n"),
        ] as [(String, String, SettingValue, String)]
    )
    func `a value is changed and the rest of the text stays`(
        before: String,
        path: String,
        value: SettingValue,
        after: String
    ) throws {
        #expect(try edited(before, [path: value]) == after)
    }

    @Test func `what is saved is what is loaded`() throws {
        let changes: [String: SettingValue] = [
            "listeners": [["port": 9000, "apis": ["speech"], "bind": "::1"], ["port": 0, "apis": ["openai"]]],
            "speech": ["voice": "a \"b\"", "openai": ["key": "sk-#1"]], "conversation.silence": "0.5s",
            "model.system_prompt": "a\n\tb: *c*", "http.max_body_bytes": 2048,
        ]
        for before in [
            "", Settings.defaultFile(), "# x\nlisteners:\n- port: 1\n  apis:\n  - events\nspeech:\n  openai: {}\n",
        ] {
            _ = try edited(before, changes)
            let settings = try Settings.load(from: folder.sources).settings
            #expect(settings == (try LoadedSettings().applying(changes).settings))
            #expect(settings.conversation.silence == .milliseconds(500))
        }
    }

    @Test func `comments of a whole file survive a change`() throws {
        let before = Settings.defaultFile()
        let after = try edited(before, ["speech.speed": 2])
        #expect(after == before.replacingOccurrences(of: "speed: 1\n", with: "speed: 2\n"))
    }

    @Test(
        arguments: [
            (
                "bind: [\n", ["bind": "b"],
                "antiphon.yaml:2:1: not valid YAML: did not find expected node content while parsing a flow node; the file is unchanged"
            ),
            ("bind: a\n", ["bnd": "b"], "change: bnd: unknown key; did you mean `bind`?"),
            ("bind: a\n", ["speech.speed": 9], "change: speech.speed: expected a number from 0.25 to 4, found `9`"),
            ("- a\n", ["bind": "b"], "antiphon.yaml has no sections; the file is unchanged"),
            (
                "speech: ~\n", ["speech.voice": "b"],
                "antiphon.yaml:1:1: speech.voice: the value cannot be changed in the text of antiphon.yaml; write it there by hand; "
                    + "the file is unchanged"
            ),
            (
                "server: { port: 1 }\n", ["bind": "b"],
                "antiphon.yaml is the configuration of an STTS server; move it to antiphon.yaml first; the file is unchanged"
            ),
        ] as [(String, [String: SettingValue], String)]
    )
    func `a file that cannot be changed safely is not touched`(
        before: String,
        changes: [String: SettingValue],
        problem: String
    ) throws {
        let error = #expect(throws: SettingsError.self) { try edited(before, changes) }
        #expect(error.map { folder.relative($0.description) } == problem)
        #expect(try folder.read() == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["antiphon.yaml"])
    }

    @Test func `permissions and links stay, and a new file is private`() throws {
        let path = try folder.write("bind: a\n", to: "real.yaml")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        try FileManager.default.createSymbolicLink(atPath: folder.file("antiphon.yaml"), withDestinationPath: path)
        try SettingsFile(path: folder.file("antiphon.yaml")).save(changes: ["bind": "b"])
        #expect(try folder.read("real.yaml") == "bind: b\n")
        #expect(try permissions("real.yaml") == 0o640)
        try SettingsFile(path: folder.file("new.yaml")).save(changes: ["bind": "b"])
        #expect(try folder.read("new.yaml") == "bind: b\n")
        #expect(try permissions("new.yaml") == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["antiphon.yaml", "new.yaml", "real.yaml"])
    }

    @Test func `whatever the text is, an edit is right or refused`() throws {
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "bind: a\n", "speech:\n", "  speed: 1\n", "  openai: { voice: a }\n", "  voice: |\n", "    text\n", "# c\n",
            "\n",
            "speech: {", "}", "\r\n", "\u{2028}", "\u{85}", "\r", "  - a\n", "'", "\"", "[", "]", ": ", "~", "---\n",
            "...\n",
            "\u{FEFF}", "  ", "ä", "? ", "voice_map:\n", "  recognizers:\n", "\t", "!!str ", "&a ", "*a ",
        ]
        let changes: [(String, SettingValue)] = [
            ("bind", "b c"), ("speech.speed", 2), ("speech.openai.voice", "x"), ("speech.recognizers", ["r"]),
            ("speech.voice_map", ["a": "b"]),
        ]
        var edits = 0
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            let (path, value) = changes.randomElement(using: &random) ?? changes[0]
            var editor = YAMLEditor(text: text, name: "x")
            guard (try? editor.check()) != nil, (try? editor.set(path.components(separatedBy: "."), to: value)) != nil
            else { continue }
            edits += 1
            #expect(throws: Never.self) { try YAMLDocument(editor.text, named: "x") }
            #expect(editor.text.contains(value.yaml))
        }
        #expect(edits > 300)
    }

    private func permissions(_ name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: folder.file(name))[.posixPermissions] as? Int
    }

    @Test func `a folder that is missing is an error`() {
        let error = #expect(throws: SettingsError.self) {
            try SettingsFile(path: folder.file("none/antiphon.yaml")).save(changes: ["bind": "b"])
        }
        #expect(
            error.map { folder.relative($0.description) }
                == "none/antiphon.yaml cannot be written: No such file or directory; the file is unchanged"
        )
    }
}
