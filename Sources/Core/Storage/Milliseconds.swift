internal import Foundation

/// Times and durations as the database holds them: whole milliseconds. Values out of range go to the nearest end.
extension Date {
    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    var milliseconds: Int64 { Int64(clampingMilliseconds: timeIntervalSince1970 * 1000) }

    /// The time as it will be read back.
    var stored: Date { Date(milliseconds: milliseconds) }
}

extension Duration {
    var milliseconds: Int64 { Int64(clampingMilliseconds: self / .milliseconds(1)) }
}

extension Int64 {
    /// Within what a `Double` counts exactly; no number becomes 0.
    fileprivate init(clampingMilliseconds value: Double) {
        let end = 9_007_199_254_740_992.0
        self = value.isNaN ? 0 : Int64(Swift.min(Swift.max(value.rounded(), -end), end))
    }
}
