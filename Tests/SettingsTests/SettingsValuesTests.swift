import Logging
import Testing

@testable import Settings

@Suite struct SettingsValuesTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a file may set every kind of value`() throws {
        let settings = try folder.load(
            """
            listeners:
              - { port: 9000, apis: [speech, events], bind: "::1" }
              - port: 0
                apis: [openai]
            bind: 0.0.0.0
            auth: { required: true }
            http:
              max_header_bytes: 32KiB
              max_body_bytes: 1.5MiB
              max_upload_bytes: 1000000
              max_headers: 50
              idle_timeout: 2m
              cors_origins: []
            speech:
              recognizers: [openai, moonshine]
              speed: 1.25
              voice: ~
              voice_map:
                alloy: joe
                "9": espeak-ng/de
              openai:
                key: sk-123
            conversation:
              silence: 0.35
              silence_unfinished: 1500ms
              answer_timeout: 2m
            model:
              system_prompt: |
                Be kind.
                Be short.
              temperature: 0
            logging: { level: debug, format: json }
            """
        ).settings
        #expect(
            settings.listeners == [
                Listener(port: 9000, apis: [.speech, .events], bind: "::1"), Listener(port: 0, apis: [.openai]),
            ]
        )
        #expect(settings.bind == "0.0.0.0")
        #expect(settings.auth.required == .always)
        #expect(settings.http.maxHeaderBytes == 32_768)
        #expect(settings.http.maxBodyBytes == 1_572_864)
        #expect(settings.http.maxUploadBytes == 1_000_000)
        #expect(settings.http.maxHeaders == 50)
        #expect(settings.http.idleTimeout == .seconds(120))
        #expect(settings.http.corsOrigins.isEmpty)
        #expect(settings.speech.recognizers == ["openai", "moonshine"])
        #expect(settings.speech.speed == 1.25)
        #expect(settings.speech.voice == nil)
        #expect(settings.speech.voiceMap == ["alloy": "joe", "9": "espeak-ng/de"])
        #expect(settings.speech.openai.key?.exposed == "sk-123")
        #expect(settings.conversation.silence == .milliseconds(350))
        #expect(settings.conversation.silenceUnfinished == .milliseconds(1500))
        #expect(settings.conversation.answerTimeout == .seconds(120))
        #expect(settings.model.systemPrompt == "Be kind.\nBe short.\n")
        #expect(settings.model.temperature == 0)
        #expect(settings.logging.level == .debug)
        #expect(settings.logging.format == .json)
    }

    @Test func `a listener speaks TLS when it says so, and else when there is a certificate`() throws {
        func settings(_ more: [String: SettingValue]) throws -> Settings {
            try Settings(
                [
                    "listeners": [
                        ["port": 1, "apis": ["speech"]], ["port": 2, "apis": ["speech"], "tls": false],
                        ["port": 3, "apis": ["speech"], "tls": true],
                    ]
                ].merging(more) { $1 }
            )
        }
        let without = try settings([:])
        #expect(without.listeners.map(without.speaksTLS) == [false, false, true])
        let with = try settings(["tls.certificate": "a.pem", "tls.key": "b.pem"])
        #expect(with.listeners.map(with.speaksTLS) == [true, false, true])
        #expect(with.shown(SettingKeys.table.listeners).json().contains("\"tls\":false"))
    }

    @Test(arguments: [
        ("bind:", "antiphon.yaml:1:6: bind: expected text of 1 to 255 characters on one line, found nothing"),
        ("bind: \"\"", "antiphon.yaml:1:7: bind: expected text of 1 to 255 characters on one line, found 0"),
        (
            "bind: \"a\\0b\"",
            "antiphon.yaml:1:7: bind: expected text of 1 to 255 characters on one line, found a control character"
        ),
        (
            "http:\n  max_headers: many",
            "antiphon.yaml:2:16: http.max_headers: expected a whole number from 10 to 10000, found `many`"
        ),
        (
            "http: { max_headers: 10001 }",
            "antiphon.yaml:1:22: http.max_headers: expected a whole number from 10 to 10000, found `10001`"
        ),
        (
            "http: { max_headers: 99999999999999999999 }",
            "antiphon.yaml:1:22: http.max_headers: expected a whole number from 10 to 10000, found `99999999999999999999`"
        ),
        (
            "http: { max_headers: [1] }",
            "antiphon.yaml:1:22: http.max_headers: expected a whole number from 10 to 10000, found a list"
        ),
        ("speech: { speed: nan }", "antiphon.yaml:1:18: speech.speed: expected a number from 0.25 to 4, found `nan`"),
        ("speech: { speed: 4.01 }", "antiphon.yaml:1:18: speech.speed: expected a number from 0.25 to 4, found `4.01`"),
        (
            "conversation: { silence: 5 minutes }",
            "antiphon.yaml:1:26: conversation.silence: expected a duration from 100ms to 10s, found `5 minutes`"
        ),
        (
            "conversation: { silence: 11s }",
            "antiphon.yaml:1:26: conversation.silence: expected a duration from 100ms to 10s, found `11s`"
        ),
        (
            "conversation: { silence: -1s }",
            "antiphon.yaml:1:26: conversation.silence: expected a duration from 100ms to 10s, found `-1s`"
        ),
        (
            "telemetry: { metrics: maybe }",
            "antiphon.yaml:1:23: telemetry.metrics: expected `true` or `false`, found `maybe`"
        ),
        (
            "http: { max_body_bytes: 10 GB }",
            "antiphon.yaml:1:25: http.max_body_bytes: expected a size from 1KiB to 1GiB, found `10 GB`"
        ),
        (
            "speech: { format: wave }",
            "antiphon.yaml:1:19: speech.format: expected one of `wav`, `mp3`, `opus`, `aac`, `flac`, `pcm`, `mulaw`, "
                + "`alaw`, "
                + "found `wave`; did you mean `wav`?"
        ),
        (
            "auth: { required: always }",
            "antiphon.yaml:1:19: auth.required: expected one of `auto`, `true`, `false`, found `always`"
        ),
        (
            "speech: { recognizers: moonshine }",
            "antiphon.yaml:1:24: speech.recognizers: expected a list of 1 to 8 values, found `moonshine`"
        ),
        (
            "speech: { recognizers: [] }",
            "antiphon.yaml:1:24: speech.recognizers: expected a list of 1 to 8 values, found 0"
        ),
        (
            "speech:\n  recognizers:\n    - a\n    - a",
            "antiphon.yaml:4:7: speech.recognizers: `a` is in the list twice"
        ),
        (
            "speech: { voice_map: [a] }",
            "antiphon.yaml:1:22: speech.voice_map: expected a mapping of at most 200 names, found a list"
        ),
        (
            "speech:\n  voice_map:\n    alloy: [joe]",
            "antiphon.yaml:3:12: speech.voice_map: expected text of 1 to 200 characters on one line, found a list"
        ),
        ("listeners: 8080", "antiphon.yaml:1:12: listeners: expected a list of 1 to 16 listeners, found `8080`"),
        ("listeners: [{ apis: [speech] }]", "antiphon.yaml:1:13: listeners: the listener has no `port`"),
        ("listeners: [{ port: 1 }]", "antiphon.yaml:1:13: listeners: the listener has no `apis`"),
        (
            "listeners:\n  - { port: 70000, apis: [speech] }",
            "antiphon.yaml:2:13: listeners: expected a whole number from 0 to 65535, found `70000`"
        ),
        (
            "listeners:\n  - { port: 1, apis: [speach] }",
            "antiphon.yaml:2:23: listeners: expected one of `openai`, `speech`, `events`, found "
                + "`speach`; did you mean `speech`?"
        ),
        (
            "listeners:\n  - { port: 1, apis: [speech], hots: a }",
            "antiphon.yaml:2:32: listeners: a listener has no member `hots`"
        ),
        (
            "listeners:\n  - { port: 1, apis: [speech] }\n  - { port: 1, apis: [events] }",
            "antiphon.yaml:3:5: listeners: port 1 is there twice"
        ),
        ("speech: loud", "antiphon.yaml:1:9: speech: expected a section with keys of its own, found `loud`"),
        ("- a", "antiphon.yaml:1:1: expected sections such as `http:`, found a list"),
        (
            "http.max_headers: 50",
            "antiphon.yaml:1:1: http.max_headers: keys are nested: write the part behind the `.` into a section of its own"
        ),
    ]) func `a wrong value is told with its place and what would be right`(yaml: String, problem: String) throws {
        let problems = try folder.problems(yaml)
        #expect(problems == [problem])
    }

    @Test func `a secret is never told`() throws {
        let problems = try folder.problems("model: { key: \"my secret\" }\nspeech:\n  openai: { key: [hush] }")
        #expect(
            problems == [
                "antiphon.yaml:1:15: model.key: expected 1 to 4096 printable ASCII characters without white space",
                "antiphon.yaml:3:18: speech.openai.key: expected 1 to 4096 printable ASCII characters without white space",
            ]
        )
        let secret = Secret("hush")
        #expect("\(secret) \(String(reflecting: secret)) \(Mirror(reflecting: secret).children.count)" == "*** *** 0")
        var dump = ""
        Swift.dump(secret, to: &dump)
        #expect(!dump.contains("hush"))
    }

    @Test(arguments: [
        ("bnd: a", "antiphon.yaml:1:1: bnd: unknown key; did you mean `bind`?"),
        ("http:\n  max_header: 5", "antiphon.yaml:2:3: http.max_header: unknown key; did you mean `http.max_headers`?"),
        ("max_headers: 5", "antiphon.yaml:1:1: max_headers: unknown key; did you mean `http.max_headers`?"),
        (
            "speech: { recogniser: [a] }",
            "antiphon.yaml:1:11: speech.recogniser: unknown key; did you mean `speech.recognizers`?"
        ),
        ("cheese: 1", "antiphon.yaml:1:1: cheese: unknown key"),
        (
            "bind: localhost\nlogging:\n  file: a\nserver: { host: a }",
            "antiphon.yaml:3:3: logging.file: unknown key\nantiphon.yaml:4:1: server: unknown key"
        ),
    ]) func `an unknown key is an error with a suggestion`(yaml: String, problem: String) throws {
        let problems = try folder.problems(yaml)
        #expect(problems == problem.split(separator: "\n").map(String.init))
    }

    @Test func `all problems are told together and a key without problems does not hide them`() throws {
        try folder.write("bind: localhost\nhttp: { max_headers: x, max_connections: 0 }\nnope: 1")
        try folder.write("ANTIPHON_SPEECH_SPEED=fast", to: ".env")
        var sources = folder.sources
        sources.environment = ["ANTIPHON_DRAIN_TIMEOUT": "never"]
        sources.assignments = ["bindd=x", "what"]
        #expect(
            folder.problems(sources) == [
                "antiphon.yaml:2:22: http.max_headers: expected a whole number from 10 to 10000, found `x`",
                "antiphon.yaml:2:42: http.max_connections: expected a whole number from 1 to 100000, found `0`",
                "antiphon.yaml:3:1: nope: unknown key",
                ".env:1: speech.speed: expected a number from 0.25 to 4, found `fast`",
                "environment ANTIPHON_DRAIN_TIMEOUT: drain.timeout: expected a duration from 0ms to 1h, found `never`",
                "command line --set: bindd: unknown key; did you mean `bind`?",
                "command line --set: expected `key=value`, found `what`",
            ]
        )
    }

    @Test func `at most a hundred problems are told`() throws {
        let problems = try folder.problems((1...250).map { "key\($0): 1" }.joined(separator: "\n"))
        #expect(problems.count == 101)
        #expect(problems.last == "and 150 more")
    }

    @Test(arguments: [
        (Duration.milliseconds(400), "400ms"), (.seconds(1), "1s"), (.milliseconds(1500), "1500ms"),
        (.seconds(60), "1m"), (.seconds(90), "90s"), (.seconds(7200), "2h"), (.zero, "0ms"), (.seconds(86_400), "1d"),
    ]) func `a duration is written with the largest unit that fits`(duration: Duration, text: String) throws {
        let rule = SettingRule<Duration>.duration(.zero ... .seconds(86_400))
        #expect(rule.write(duration) == .string(text))
        #expect(try rule.read(SettingInput(.string(text), origin: .standard)) == duration)
    }

    @Test(arguments: [
        (1, "1B"), (1000, "1KB"), (1024, "1KiB"), (25_000_000, "25MB"), (104_857_600, "100MiB"), (1_000_000_000, "1GB"),
        (1025, "1025B"), (1_024_000, "1000KiB"),
    ]) func `a size is written with the largest unit that fits`(size: Int, text: String) throws {
        let rule = SettingRule<Int>.bytes(0...4_294_967_296)
        #expect(rule.write(size) == .string(text))
        #expect(try rule.read(SettingInput(.string(text), origin: .standard)) == size)
    }

    @Test(arguments: [
        ("https://example.org", "https://example.org"), ("HTTPS://Example.org:8443/", "https://example.org:8443"),
        ("*", "*"), ("moz-extension://0a-1b", "moz-extension://0a-1b"),
    ]) func `an origin is written as browsers write it`(text: String, origin: String) throws {
        #expect(try SettingRule.origin.read(SettingInput(.string(text), origin: .standard)) == origin)
    }

    @Test(arguments: [
        "example.org", "https://", "://x", "https://a/b", "https://a?b", "https://a b", "https://ä.org", "/",
    ])
    func `what is no origin is refused`(text: String) {
        #expect(throws: SettingMistake.self) {
            try SettingRule<String>.origin.read(SettingInput(.string(text), origin: .standard))
        }
    }
}
