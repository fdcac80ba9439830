import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct SensitiveTests {
    struct Credentials: Codable, Equatable {
        var user: String
        var key: Sensitive<String>
    }

    enum Failure: Error {
        case refused(Sensitive<String>)
    }

    let secret = Sensitive("hunter2")

    @Test func `reveal gives the value`() {
        #expect(secret.reveal() == "hunter2")
        #expect(secret.map(\.count).reveal() == 7)
    }

    @Test func `no way of printing shows the value`() {
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Credentials(user: "ada", key: secret), to: &dumped)
        dump([Optional(secret)], to: &dumped)
        var printed = ""
        print(secret, [secret], ["key": secret], to: &printed)
        debugPrint(secret, Credentials(user: "ada", key: secret), to: &printed)
        let texts = [
            "\(secret)", "\(Optional(secret) as Any)", String(describing: secret), String(reflecting: secret),
            "\(Failure.refused(secret))", "\(Credentials(user: "ada", key: secret))", dumped, printed,
        ]
        for text in texts {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("‹hidden›"))
        }
    }

    @Test func `a mirror shows nothing`() {
        #expect(Mirror(reflecting: secret).children.isEmpty)
        let outer = Mirror(reflecting: Credentials(user: "ada", key: secret))
        #expect(outer.children.count == 2)
        #expect(outer.descendant("key", "value") == nil)
    }

    @Test func `it decodes the plain value and never encodes it`() throws {
        let decoded = try JSONDecoder().decode(Credentials.self, from: Data(#"{"user":"ada","key":"hunter2"}"#.utf8))
        #expect(decoded == Credentials(user: "ada", key: secret))
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(decoded), as: UTF8.self) == #"{"key":"‹hidden›","user":"ada"}"#)
        #expect(String(decoding: try encoder.encode(Sensitive(Data([1]))), as: UTF8.self) == #""‹hidden›""#)
    }

    @Test func `metadata itself shows the length only`() {
        let metadata: Logger.Metadata = ["text": .sensitive("my pin is 1234"), "key": .sensitive(secret)]
        #expect("\(metadata)".contains("‹hidden, 14 characters›"))
        #expect(!"\(metadata)".contains("1234"))
        #expect(!"\(metadata)".contains("hunter2"))
        var dumped = ""
        dump(metadata, to: &dumped)
        #expect(!dumped.contains("1234"))
    }

    @Test(arguments: [
        (Logger.Level.info, true, false), (.error, true, false), (.debug, false, false), (.trace, false, false),
        (.debug, true, true), (.trace, true, true),
    ])
    func `a log line shows text of users on debug and trace with the option on`(
        level: Logger.Level,
        option: Bool,
        isShown: Bool
    ) throws {
        for format in LogFormat.allCases {
            let output = CollectedOutput()
            let options = TelemetryOptions(format: format, level: .trace, revealsUserText: option)
            output.logger(options).log(
                level: level,
                "heard",
                metadata: ["text": .sensitive("secret"), "nested": ["list": [.sensitive("secret")]]]
            )
            let line = try #require(output.lines.first)
            #expect(line.contains("secret") == isShown)
            #expect(line.contains("‹hidden, 6 characters›") == !isShown)
        }
    }
}
