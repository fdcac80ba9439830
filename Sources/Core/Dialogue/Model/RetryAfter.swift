public import Foundation

/// Reads the `Retry-After` header: seconds, or an HTTP date.
public enum RetryAfter {
    /// The wait from `now`, or nil if `value` is neither. A date in the past means no wait; a day is the longest.
    public static func duration(_ value: String, now: Date) -> Duration? {
        let text = value.trimmingCharacters(in: .whitespaces)
        if let seconds = Double(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return format.date(from: text).map { .seconds(min(max(0, $0.timeIntervalSince(now)), 86_400)) }
    }
}
