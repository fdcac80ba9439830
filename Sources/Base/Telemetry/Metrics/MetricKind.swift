/// What a family's samples mean.
enum MetricKind: String, Sendable {
    case counter
    case gauge
    case histogram

    /// Every name that samples of a family called `family` have, in either format. Two families share none.
    func names(of family: String) -> [String] {
        switch self {
        case .counter: [family, family + "_total", family + "_created"]
        case .gauge: [family]
        case .histogram:
            [family, family + "_bucket", family + "_sum", family + "_count", family + "_created"]
        }
    }

    /// The name of a counter's family, without the suffix that its samples have.
    static func counterFamily(_ name: String) -> String {
        without("_total", name)
    }

    /// The name of a timer's family, with its unit.
    static func timerFamily(_ name: String) -> String {
        withoutUnit(name) + "_seconds"
    }

    /// The name that a timer was asked for by, without the unit.
    static func withoutUnit(_ name: String) -> String {
        without("_seconds", name)
    }

    private static func without(_ suffix: String, _ name: String) -> String {
        name.hasSuffix(suffix) && name.count > suffix.count ? String(name.dropLast(suffix.count)) : name
    }
}
