import Logging
import Testing

@testable import Telemetry

@Suite struct TextLogTests {
    let options = TelemetryOptions(format: .text, level: .trace)

    @Test func `a line is compact`() {
        let output = CollectedOutput()
        output.logger(options).warning(
            "slow reader",
            metadata: ["queue": .stringConvertible(12), "why": "too late", "list": ["a", "b"], "no": ""]
        )
        #expect(
            output.lines == [
                "2026-11-21T12:00:00.123Z WARNING  antiphon.test: slow reader"
                    + #" list="[a, b]" no="" queue=12 why="too late""#
            ]
        )
    }

    @Test func `hostile text cannot begin a line or steer the terminal`() {
        let output = CollectedOutput()
        output.logger(options).info(
            "x\n2026-01-01T00:00:00.000Z INFO root: fake\u{1B}[2J\u{2028}\u{85}",
            metadata: ["a\nb": "c\r\nd", "e": "q\" f=g"]
        )
        #expect(
            output.lines == [
                #"2026-11-21T12:00:00.123Z INFO     antiphon.test: x\n2026-01-01T00:00:00.000Z INFO root: "#
                    + #"fake\u001b[2J\u2028\u0085 a\nb=c\r\nd e="q\" f=g""#
            ]
        )
    }

    @Test func `colour is added around the text only when it is wanted`() {
        let record = LogRecord(milliseconds: 0, level: .error, logger: "l", message: "m", fields: [])
        #expect(TextLogFormatter(showsColour: false).line(record) == "1970-01-01T00:00:00.000Z ERROR    l: m")
        #expect(
            TextLogFormatter(showsColour: true).line(record)
                == "\u{1B}[2m1970-01-01T00:00:00.000Z\u{1B}[0m \u{1B}[31mERROR\u{1B}[0m    \u{1B}[2ml\u{1B}[0m: m"
        )
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_001, "2024-02-29T23:59:59.001Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `times are right`(milliseconds: Int64, text: String) {
        #expect(WallClock.iso8601(milliseconds) == text)
    }
}
