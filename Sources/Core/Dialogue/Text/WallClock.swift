import Foundation

/// The time of day as written and as spoken.
struct WallClock: Sendable {
    private let now: @Sendable () -> Date
    private let timeZone: TimeZone

    init(now: @escaping @Sendable () -> Date, timeZone: TimeZone) {
        self.now = now
        self.timeZone = timeZone
    }

    /// One moment, so that all parts of an answer agree.
    func read() -> Moment {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute], from: now())
        return Moment(
            year: parts.year ?? 0,
            month: parts.month ?? 1,
            day: parts.day ?? 1,
            weekday: parts.weekday ?? 1,
            hour: parts.hour ?? 0,
            minute: parts.minute ?? 0
        )
    }

    /// A minute of a day.
    struct Moment: Sendable, Equatable {
        var year: Int
        /// 1 to 12.
        var month: Int
        var day: Int
        /// 1 is Sunday.
        var weekday: Int
        var hour: Int
        var minute: Int

        /// `15:20`.
        var writtenTime: String { "\(Self.padded(hour, 2)):\(Self.padded(minute, 2))" }
        /// `2025-03-03`.
        var writtenDate: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))" }
        /// `3:20 PM`, or `3 PM` at the full hour.
        var spokenTime: String {
            let onClock = hour % 12 == 0 ? 12 : hour % 12
            let minutes = minute == 0 ? "" : ":\(Self.padded(minute, 2))"
            return "\(onClock)\(minutes) \(hour < 12 ? "AM" : "PM")"
        }
        /// `March 3, 2025`.
        var spokenDate: String { "\(Self.months[(month - 1) % 12]) \(day), \(year)" }
        /// `Monday`.
        var spokenWeekday: String { Self.weekdays[(weekday - 1) % 7] }

        private static func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }

        private static let weekdays = [
            "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
        ]
        private static let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
    }
}
