import Events
import NIOCore
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000"), (-1, "1969-12-31T23:59:59.999999"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000000"), (1_709_251_199_123_456, "2024-02-29T23:59:59.123456"),
            (1_763_737_200_000_001, "2025-11-21T15:00:00.000001"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000"),
            (Int64.max, "9999-12-31T23:59:59.999999"), (Int64.min, "0001-01-01T00:00:00.000000"),
        ] as [(Int64, String)]
    )
    func `a moment has its text`(_ microseconds: Int64, _ text: String) {
        let timestamp = Timestamp(microseconds: microseconds)
        #expect(timestamp.description == text)
        #expect(Timestamp(text) == timestamp)
        var buffer = ByteBuffer(string: "x")
        timestamp.write(to: &buffer)
        #expect(buffer.text == "x" + text)
    }

    @Test func `every day follows the one before`() throws {
        let day: Int64 = 86_400_000_000
        let first = try #require(Timestamp("0001-01-01T00:00:00")).microseconds
        let last = try #require(Timestamp("9999-12-31T00:00:00")).microseconds
        #expect((last - first) / day == 3_652_058)
        var previous = ""
        for microseconds in stride(from: first, through: last, by: Int(day) * 13) {
            let text = Timestamp(microseconds: microseconds).description
            #expect(text > previous && Timestamp(text)?.microseconds == microseconds)
            previous = text
        }
    }

    @Test func `short fractions and a zone of UTC are read`() {
        #expect(Timestamp("1970-01-01T00:00:01")?.microseconds == 1_000_000)
        #expect(Timestamp("1970-01-01T00:00:01Z")?.microseconds == 1_000_000)
        #expect(Timestamp("1970-01-01T00:00:00.5")?.microseconds == 500_000)
        #expect(Timestamp("1970-01-01T00:00:00.000012Z")?.microseconds == 12)
    }

    @Test(arguments: [
        "", "1970", "1970-01-01", "1970-01-01 00:00:00", "1970-13-01T00:00:00", "1970-02-29T00:00:00",
        "1900-02-29T00:00:00", "1970-04-31T00:00:00", "1970-00-01T00:00:00", "1970-01-00T00:00:00",
        "0000-01-01T00:00:00",
        "1970-01-01T24:00:00", "1970-01-01T00:60:00", "1970-01-01T00:00:60", "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00.1234567", "1970-01-01T00:00:00+01", "1970-01-01T00:00:0x", "+970-01-01T00:00:00",
        "1970-01-01T00:00:00ZZ", "1970-01-01T00:00:00.00000日",
    ])
    func `what is no date is refused`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `now is after 2025 and does not go back`() {
        let first = Timestamp.now
        #expect(first.microseconds > 1_735_689_600_000_000)
        #expect(Timestamp.now >= first)
    }
}
