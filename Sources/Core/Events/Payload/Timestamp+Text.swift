public import NIOCore

extension Timestamp: CustomStringConvertible {
    /// Bytes of the text.
    public static let textLength = 26

    /// `YYYY-MM-DDTHH:MM:SS.ffffff`, in UTC.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) { bytes in
            writeText(to: UnsafeMutableRawBufferPointer(bytes))
            return Self.textLength
        }
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS`, a fraction of one to six digits and a `Z` if they are there; nil when the text is
    /// anything else or no date of the calendar.
    public init?(_ text: String) {
        var text = Substring(text)
        if text.last == "Z" { text.removeLast() }
        let bytes = Array(text.utf8.prefix(Self.textLength + 1))
        guard (19...Self.textLength).contains(bytes.count), bytes.count != 20 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        let separators: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")),
            (13, UInt8(ascii: ":")), (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")),
        ]
        guard separators.allSatisfy({ $0.0 >= bytes.count || bytes[$0.0] == $0.1 }),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            year > 0, (1...12).contains(month), day > 0, hour < 24, minute < 60, second < 60
        else { return nil }
        let days = CivilDate.days(year: year, month: month, day: day)
        guard CivilDate(daysSince1970: days) == CivilDate(year: year, month: month, day: day) else { return nil }
        var fraction: Int64 = 0
        if bytes.count > 20 {
            guard var digits = number(20..<bytes.count) else { return nil }
            for _ in bytes.count..<Self.textLength { digits *= 10 }
            fraction = digits
        }
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Appends the text to a buffer.
    public func write(to buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.textLength) { bytes in
            writeText(to: bytes)
            return Self.textLength
        }
    }

    private func writeText(to bytes: UnsafeMutableRawBufferPointer) {
        let (seconds, microsecond) = CivilDate.floorDivide(microseconds, 1_000_000)
        let (days, secondOfDay) = CivilDate.floorDivide(seconds, 86_400)
        let date = CivilDate(daysSince1970: days)
        func put(_ value: Int64, at start: Int, digits: Int, before separator: UInt8? = nil) {
            var rest = value
            for index in stride(from: start + digits - 1, through: start, by: -1) {
                bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            if let separator { bytes[start + digits] = separator }
        }
        put(date.year, at: 0, digits: 4, before: UInt8(ascii: "-"))
        put(date.month, at: 5, digits: 2, before: UInt8(ascii: "-"))
        put(date.day, at: 8, digits: 2, before: UInt8(ascii: "T"))
        put(secondOfDay / 3600, at: 11, digits: 2, before: UInt8(ascii: ":"))
        put(secondOfDay / 60 % 60, at: 14, digits: 2, before: UInt8(ascii: ":"))
        put(secondOfDay % 60, at: 17, digits: 2, before: UInt8(ascii: "."))
        put(microsecond, at: 20, digits: 6)
    }
}
