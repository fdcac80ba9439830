import Audio
import Foundation

/// Measurements of one thing, in milliseconds or another unit of the caller's choice.
struct Series {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) {
        values.append(value)
    }

    mutating func add(_ duration: Duration) {
        values.append(duration.milliseconds)
    }

    /// The value below which `share` (0...1) of all values lie: the nearest rank.
    func percentile(_ share: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
    }

    var median: Double { percentile(0.5) }
    var maximum: Double { values.max() ?? .nan }
    var mean: Double { values.reduce(0, +) / Double(values.count) }
}

/// A table of results, printed as Markdown or as JSON.
struct Table {
    let title: String
    let columns: [String]
    private(set) var rows: [(name: String, values: [Double])] = []

    init(_ title: String, columns: [String]) {
        self.title = title
        self.columns = columns
    }

    mutating func add(_ name: String, _ values: Double...) {
        precondition(values.count == columns.count, "a row has a value for every column")
        rows.append((name, values))
    }

    func print(asJSON: Bool) throws {
        if asJSON {
            let object: [String: Any] = [
                "title": title,
                "rows": rows.map { row in
                    ["name": row.name].merging(
                        zip(columns, row.values).map { ($0, String(format: "%.3f", $1)) },
                        uniquingKeysWith: { $1 }
                    )
                },
            ]
            let data = try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys])
            Swift.print(String(decoding: data, as: UTF8.self))
            return
        }
        Swift.print("### \(title)\n")
        Swift.print("| | " + columns.joined(separator: " | ") + " |")
        Swift.print("|---|" + columns.map { _ in "---:|" }.joined())
        for row in rows {
            Swift.print("| \(row.name) | " + row.values.map(Self.format).joined(separator: " | ") + " |")
        }
        Swift.print("")
    }

    private static func format(_ value: Double) -> String {
        value.isNaN ? "–" : String(format: abs(value) < 10 ? "%.3f" : "%.1f", value)
    }
}
