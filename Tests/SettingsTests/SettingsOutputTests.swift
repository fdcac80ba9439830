import Foundation
import Testing

@testable import Settings

@Suite struct SettingsOutputTests {
    @Test func `the schema knows every key with its default`() throws {
        let schema = Settings.schema()
        #expect(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["additionalProperties"] == false)
        for key in SettingKeys.storable {
            var node: SettingValue? = schema
            for name in key.path.split(separator: ".") {
                #expect(node?["additionalProperties"] == false)
                node = node?["properties"]?[String(name)]
            }
            #expect(node?["description"] == .string(key.summary), "\(key.path)")
            #expect(node?["default"] == (key.isSecret ? .none : .some(key.defaultSettingValue)), "\(key.path)")
            #expect(node?["x-effect"] == .string(key.effect.rawValue))
        }
        let http = schema["properties"]?["http"]?["properties"]
        #expect(http?["max_headers"]?["type"] == "integer")
        #expect(http?["max_headers"]?["minimum"] == 10)
        #expect(http?["max_headers"]?["maximum"] == 10_000)
        #expect(
            schema["properties"]?["auth"]?["properties"]?["required"]?["enum"] == [
                "auto", "true", "false", true, false,
            ]
        )
    }

    @Test func `the schema is JSON and always the same`() throws {
        let text = Settings.schema().json(pretty: true)
        #expect(text == Settings.schema().json(pretty: true))
        let parsed = try JSONDecoder().decode(SettingValue.self, from: Data(text.utf8))
        let compact = try JSONDecoder().decode(SettingValue.self, from: Data(Settings.schema().json().utf8))
        #expect(parsed == compact)
        #expect(parsed["properties"]?["logging"]?["properties"]?["format"]?["enum"] == ["text", "json"])
    }

    @Test func `the documentation has a row for every key and is always the same`() {
        let text = Settings.documentation()
        #expect(text == Settings.documentation())
        for key in SettingKeys.all {
            #expect(text.contains("| `\(key.path)` | \(key.type) |"), "\(key.path)")
        }
        #expect(
            text.contains(
                "| `http.max_headers` | integer | `100` | 10 to 10000 | restart | `ANTIPHON_HTTP_MAX_HEADERS` | "
                    + "The most header fields of a request. |"
            )
        )
        #expect(text.contains("| `server.port` | `STTS_SERVER_PORT` | `listeners` (port of the API `speech`) |"))
    }

    @Test func `the file of defaults says the defaults`() throws {
        let folder = try TemporaryFolder()
        let loaded = try folder.load(Settings.defaultFile())
        #expect(loaded.settings == Settings())
        #expect(loaded.warnings.isEmpty)
        #expect(loaded.origins.count == SettingKeys.all.count)
    }

    @Test func `secrets are stars wherever settings are shown`() throws {
        let folder = try TemporaryFolder()
        let loaded = try folder.load("model: { key: hush, url: http://x/v1 }\nspeech: { openai: { key: hush } }")
        let differences = Settings().differences(to: loaded.settings)
        #expect(loaded.settings.redacted["model"]?["key"] == "***")
        #expect(loaded.settings.redacted["model"]?["url"] == "http://x/v1")
        #expect(Settings().redacted["model"]?["key"] == .null)
        #expect(
            differences.map { "\($0.path) \($0.before.yaml) \($0.after.yaml) \($0.effect)" } == [
                "speech.openai.key null \"***\" restart", "model.url null http://x/v1 restart",
                "model.key null \"***\" restart",
            ]
        )
        let shown = loaded.yaml()
        #expect(folder.relative(shown).contains("  url: http://x/v1  # antiphon.yaml:1:26\n"))
        #expect(shown.contains("bind: localhost\n"))
        var dump = ""
        Swift.dump(loaded, to: &dump)
        #expect(!"\(loaded) \(String(reflecting: loaded)) \(dump)".contains("hush"))
        #expect(!(shown + loaded.settings.redacted.json() + "\(differences)").contains("hush"))
    }

    @Test func `one secret is different from another`() throws {
        let folder = try TemporaryFolder()
        let first = try folder.load("model: { key: a }").settings
        let second = try folder.load("model: { key: b }").settings
        #expect(first.differences(to: second).map(\.path) == ["model.key"])
        #expect(first != second)
    }

    @Test(arguments: [
        "true", "null", "~", "8080", "1.5", "", "a: b", "a:", "- a", "#x", "a #b", "*a", "&a", "\"q\"", "it's", "a\nb",
        "ä", "[a]", "{a}", "a,b", " a", "%a", "@a", "`a", "0x10", "1e5", "yes", "400ms", "http://a/b", "\u{85}x", "-",
        "?",
        "\u{1F600}", "\\", ".inf", "=",
    ]) func `YAML written is YAML read`(text: String) throws {
        let value: SettingValue = ["list": [.string(text)], "deep": ["k": .string(text)]]
        let root = try YAMLDocument(value.yaml, named: "x").root
        guard case .map(let members) = root.content, case .list(let list) = members[0].value.content,
            case .map(let inner) = members[1].value.content, case .scalar(let first) = list[0].content,
            case .scalar(let second) = inner[0].value.content
        else {
            Issue.record("\(value.yaml) is read as something else")
            return
        }
        #expect(first == text)
        #expect(second == text)
        let json = try JSONDecoder().decode([String].self, from: Data(SettingValue.array([.string(text)]).json().utf8))
        #expect(json == [text])
    }
}
