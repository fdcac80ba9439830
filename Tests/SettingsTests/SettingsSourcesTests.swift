import Foundation
import Testing

@testable import Settings

@Suite struct SettingsSourcesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `what is nearer to the user wins`() throws {
        var sources = folder.sources
        sources.profile = "test"
        func loaded() throws -> [String] {
            let loaded = try Settings.load(from: sources)
            return [loaded.settings.bind, folder.relative(loaded.origin(of: SettingKeys.table.bind).description)]
        }
        try folder.write("", to: "antiphon-test.yaml")
        #expect(try loaded() == ["localhost", "default"])
        try folder.write("# top\nbind: file")
        #expect(try loaded() == ["file", "antiphon.yaml:2:7"])
        try folder.write("bind:   profile", to: "antiphon-test.yaml")
        #expect(try loaded() == ["profile", "antiphon-test.yaml:1:9"])
        try folder.write("\nANTIPHON_BIND=dotenv", to: ".env")
        #expect(try loaded() == ["dotenv", ".env:2"])
        sources.environment["ANTIPHON_BIND"] = "environment"
        #expect(try loaded() == ["environment", "environment ANTIPHON_BIND"])
        sources.assignments = ["bind=first", "bind=set"]
        #expect(try loaded() == ["set", "command line --set"])
        sources.options = [.init("--host", sets: "bind", to: "option")]
        #expect(try loaded() == ["option", "command line --host"])
    }

    @Test func `sections are merged key by key and lists are replaced`() throws {
        try folder.write("speech: { speed: 2, recognizers: [a, b] }")
        try folder.write("speech: { recognizers: [c] }", to: "antiphon-p.yaml")
        var sources = folder.sources
        sources.profile = "p"
        let settings = try Settings.load(from: sources).settings
        #expect(settings.speech.speed == 2)
        #expect(settings.speech.recognizers == ["c"])
    }

    @Test func `the environment can say every kind of value`() throws {
        var sources = folder.sources
        sources.environment = [
            "ANTIPHON_LISTENERS": "9000=speech+openai, 9001=events",
            "ANTIPHON_SPEECH_RECOGNIZERS": "openai, moonshine",
            "ANTIPHON_SPEECH_SYNTHESIZERS": "[piper]",
            "ANTIPHON_SPEECH_VOICE_MAP": "alloy=joe,nova=amy",
            "ANTIPHON_HTTP_CORS_ORIGINS": "[]",
            "ANTIPHON_MODEL_TEMPERATURE": "null",
            "ANTIPHON_BIND": "",
            "HOME": "/root",
            "ANTIPHON_CONFIG": "x.yaml",
        ]
        let loaded = try Settings.load(from: sources)
        let settings = loaded.settings
        #expect(
            settings.listeners == [
                Listener(port: 9000, apis: [.speech, .openai]), Listener(port: 9001, apis: [.events]),
            ]
        )
        #expect(settings.speech.recognizers == ["openai", "moonshine"])
        #expect(settings.speech.synthesizers == ["piper"])
        #expect(settings.speech.voiceMap == ["alloy": "joe", "nova": "amy"])
        #expect(settings.http.corsOrigins == [])
        #expect(settings.model.temperature == nil)
        #expect(settings.bind == "localhost")
        #expect(loaded.warnings == [])
    }

    @Test(arguments: [
        ("ANTIPHON_LISTENERS", "8080", "listeners: expected parts such as `8004=speech+openai`, found `8080`"),
        (
            "ANTIPHON_LISTENERS", "[{port: 1, apis: [x]}",
            "listeners: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"
        ),
        ("ANTIPHON_SPEECH_VOICE_MAP", "a", "speech.voice_map: expected parts such as `name=value`, found `a`"),
        ("ANTIPHON_SPEECH_RECOGNIZERS", ",", "speech.recognizers: expected a list of 1 to 8 values, found 0"),
        ("ANTIPHON_BIND", "null", "bind: expected text of 1 to 255 characters on one line, found nothing"),
    ]) func `a wrong variable is named`(name: String, value: String, problem: String) {
        var sources = folder.sources
        sources.environment = [name: value]
        #expect(folder.problems(sources) == ["environment \(name): \(problem)"])
    }

    @Test func `an unknown variable is a warning in the environment and an error in the file`() throws {
        var sources = folder.sources
        sources.environment = ["ANTIPHON_SERVICE_HOST": "10.0.0.1", "ANTIPHON_BINDS": "a"]
        #expect(
            try Settings.load(from: sources).warnings == [
                "ANTIPHON_BINDS in the environment is no setting and has no effect; did you mean `ANTIPHON_BIND`?",
                "ANTIPHON_SERVICE_HOST in the environment is no setting and has no effect",
            ]
        )
        try folder.write("ANTIPHON_BINDS=a\nOTHER=x", to: ".env")
        #expect(folder.problems(sources) == [".env:1: unknown variable ANTIPHON_BINDS; did you mean `ANTIPHON_BIND`?"])
    }

    @Test func `a named file must be there and an unnamed one need not`() throws {
        var sources = folder.sources
        #expect(try Settings.load(from: sources).settings == Settings())
        sources.fileIsRequired = true
        #expect(folder.problems(sources) == ["there is no settings file antiphon.yaml"])
    }

    @Test(arguments: ["../x", "", "a b", "ä", String(repeating: "x", count: 65)])
    func `a profile is a plain name`(profile: String) throws {
        var sources = folder.sources
        sources.profile = profile
        let problems = folder.problems(sources)
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("expected a profile of 1 to 64 letters, digits, `-` and `_`, found `") == true
        )
        sources.profile = "none"
        #expect(folder.problems(sources) == ["the profile none has no file antiphon-none.yaml"])
    }

    @Test func `a port moves the listener of its API`() throws {
        var sources = folder.sources
        sources.ports = [(.speech, 9004), (.events, 8083)]
        #expect(
            try Settings.load(from: sources).settings.listeners == [
                Listener(port: 9004, apis: [.speech, .openai]), Listener(port: 8080, apis: [.openai]),
                Listener(port: 8083, apis: [.events]),
            ]
        )
        sources.ports = [(.openai, 9080)]
        #expect(
            try Settings.load(from: sources).settings.listeners == [
                Listener(port: 8004, apis: [.speech, .openai]), Listener(port: 9080, apis: [.openai]),
                Listener(port: 8083, apis: [.events]),
            ]
        )
        sources.ports = [(.speech, 8080)]
        #expect(
            try Settings.load(from: sources).settings.listeners == [
                Listener(port: 8080, apis: [.speech, .openai]), Listener(port: 8083, apis: [.events]),
            ]
        )
        sources.ports = [(.events, 70_000)]
        #expect(
            folder.problems(sources) == [
                "command line --port: listeners: expected a whole number from 0 to 65535, found `70000`"
            ]
        )
    }

    @Test func `a file that cannot be read is an error`() throws {
        try FileManager.default.createDirectory(atPath: folder.file("antiphon.yaml"), withIntermediateDirectories: true)
        #expect(
            folder.problems(folder.sources) == [
                "antiphon.yaml cannot be read; check that it is a file and that its permissions allow it"
            ]
        )
        let other = try TemporaryFolder()
        try Data([0x61, 0xFF, 0xFE]).write(to: URL(filePath: other.file("antiphon.yaml")))
        #expect(other.problems(other.sources) == ["antiphon.yaml is not UTF-8 text"])
    }
}

@Suite struct DotEnvTests {
    @Test func `values may be quoted, commented and exported`() {
        let file = DotEnv(
            """
            # a comment
            A=plain
              export B = spaced  # comment
            C='single # $quoted \\n'
            D="double \\"quoted\\"\\n\\$x" # comment
            E=
            F=a#b
            G=#nothing
            H="a=b"\r
            """
        )
        #expect(
            file.variables.map { "\($0.line) \($0.name)=\($0.value)" } == [
                "2 A=plain", "3 B=spaced", "4 C=single # $quoted \\n", "5 D=double \"quoted\"\n$x", "6 E=", "7 F=a#b",
                "8 G=", "9 H=a=b",
            ]
        )
        #expect(file.mistakes.isEmpty)
    }

    @Test func `what is no assignment is told by its line only`() {
        let file = DotEnv("secret\nA=1\n=b\nB='open\nC=\"a\"b\nD-E=1")
        #expect(file.variables.map(\.name) == ["A"])
        #expect(
            file.mistakes.map { "\($0.line) \($0.message)" } == [
                "1 expected a line such as `NAME=value`", "3 expected a line such as `NAME=value`",
                "4 the closing quote is missing", "5 there is text behind the closing quote",
                "6 expected a line such as `NAME=value`",
            ]
        )
    }

    @Test func `a variable that is there twice is an error`() throws {
        let folder = try TemporaryFolder()
        try folder.write("ANTIPHON_BIND=a\nX=1\nX=2\nANTIPHON_BIND=b\nANTIPHON", to: ".env")
        #expect(
            folder.problems(folder.sources) == [
                ".env:5: expected a line such as `NAME=value`",
                ".env:4: ANTIPHON_BIND is already set at .env:1",
            ]
        )
    }
}
