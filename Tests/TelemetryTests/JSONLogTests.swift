import Foundation
import Logging
import Testing

@testable import Telemetry

@Suite struct JSONLogTests {
    struct Refused: Error, CustomStringConvertible {
        var description: String { "The door is shut." }
    }

    @Test func `a line is one object with its fields in order`() {
        let output = CollectedOutput()
        var logger = output.logger()
        logger[metadataKey: "session"] = "s-1"
        logger.notice("turn \(3) ended", metadata: ["reason": "barge-in", "heard_ms": .stringConvertible(420)])
        #expect(
            output.lines == [
                #"{"ts":"2026-11-21T12:00:00.123Z","level":"notice","logger":"antiphon.test","message":"turn 3 ended","#
                    + #""heard_ms":420,"reason":"barge-in","session":"s-1"}"#
            ]
        )
    }

    @Test(arguments: [
        "plain", "", "a\nb", "a\r\nb", "{\"level\":\"critical\"}", "\"},{\"", "back\\slash", "\u{0}\u{1}\u{1F}\u{7F}",
        "\u{85}\u{9B}31m", "\u{1B}[31mred", "line\u{2028}and\u{2029}paragraph", "\u{202E}desrever", "e\u{301}", "👩‍👩‍👧",
        "\u{E0041}", "\u{10FFFF}", "\u{FFFD}", "tab\tbell\u{7}",
    ])
    func `hostile text stays on its line and comes back as it was`(text: String) throws {
        let output = CollectedOutput()
        output.logger().info("\(text)", metadata: ["value": .string(text), "\(text)key": "named", "list": ["\(text)"]])
        let object = try output.object()
        #expect(object["message"] as? String == text)
        #expect(object["value"] as? String == text)
        #expect(object["\(text)key"] as? String == "named")
        #expect(object["list"] as? [String] == [text])
        #expect(!output.lines[0].unicodeScalars.contains { $0.isUnsafeInLogs })
    }

    @Test func `dictionaries are flattened and lists kept`() throws {
        let output = CollectedOutput()
        output.logger().info(
            "m",
            metadata: [
                "a": ["b": ["c": "deep"], "empty": [:]], "list": ["x", ["y": "z"], .stringConvertible(true)],
                "ratio": .stringConvertible(0.5), "none": .stringConvertible(Double.nan),
            ]
        )
        let object = try output.object()
        #expect(object["a.b.c"] as? String == "deep")
        #expect((object["a.empty"] as? [String: Any])?.isEmpty == true)
        #expect((object["list"] as? [Any])?.count == 3)
        #expect(output.lines[0].contains(#""list":["x",{"y":"z"},true]"#))
        #expect(object["ratio"] as? Double == 0.5)
        #expect(object["none"] as? String == "nan")
    }

    @Test func `metadata cannot replace what the line says of itself`() throws {
        let output = CollectedOutput()
        output.logger().info("m", metadata: ["level": "critical", "ts": "never", "message": "other", "logger": "x"])
        let object = try output.object()
        #expect(object["level"] as? String == "info")
        #expect(object["message"] as? String == "m")
        #expect(object["metadata.level"] as? String == "critical")
        #expect(output.lines[0].components(separatedBy: "\"ts\":").count == 2)
    }

    @Test func `an error is a field unless the line has its own`() throws {
        let first = CollectedOutput()
        first.logger().error("failed", error: Refused())
        #expect(try first.object()["error"] as? String == "The door is shut.")
        let second = CollectedOutput()
        second.logger().error("failed", error: Refused(), metadata: ["error": "mine"])
        #expect(try second.object()["error"] as? String == "mine")
    }

    @Test func `a line wins over the provider and the provider over the logger`() throws {
        let output = CollectedOutput()
        var logger = output.logger(provider: .init { ["a": "provider", "b": "provider"] })
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["a": "line"])
        let object = try output.object()
        #expect(object["a"] as? String == "line")
        #expect(object["b"] as? String == "provider")
        #expect(object["c"] as? String == "logger")
    }

    @Test func `lines made for a request carry its id`() throws {
        let inside = CollectedOutput()
        RequestID.$current.withValue(RequestID(header: "abc-1")) { inside.logger().info("m") }
        #expect(try inside.object()["request_id"] as? String == "abc-1")
        let outside = CollectedOutput()
        outside.logger().info("m")
        #expect(try outside.object()["request_id"] == nil)
    }

    @Test func `a line has bounds`() throws {
        let output = CollectedOutput()
        let long = String(repeating: "é", count: 10_000)
        var metadata: Logger.Metadata = [:]
        for index in 0..<200 { metadata["key\(index)"] = .string(long) }
        output.logger().info("\(long)", metadata: metadata)
        let object = try output.object()
        let message = try #require(object["message"] as? String)
        #expect(message == String(repeating: "é", count: 4096) + "…")
        #expect(output.lines[0].utf8.count < 80_000)
        #expect(try #require(object["dropped_fields"] as? Int) > 100)
    }

    @Test func `a list and a depth have bounds`() throws {
        let output = CollectedOutput()
        var nested: Logger.MetadataValue = "core"
        for _ in 0..<1000 { nested = .array([nested]) }
        output.logger().info(
            "m",
            metadata: [
                "nested": nested, "short": .array(Array(repeating: "x", count: 40)),
                "z": .array(Array(repeating: "x", count: 100_000)),
            ]
        )
        let object = try output.object()
        #expect(output.lines[0].contains(#""nested":[[[[[[[["…"]]]]]]]]"#))
        #expect((object["short"] as? [String])?.allSatisfy { $0 == "x" } == true)
        let cut = try #require(object["z"] as? [String])
        #expect(cut.count < 64)
        #expect(cut.last == "…")
    }
}
