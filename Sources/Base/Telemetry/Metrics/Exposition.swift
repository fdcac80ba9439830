/// The text of an exposition while it is written.
struct Exposition {
    struct Family {
        var name: String
        var kind: MetricKind
        var help: String?
        var series: [any Series]
    }

    private let format: ExpositionFormat
    private var text = ""
    /// What the names of all families begin with from here on.
    var prefix = ""

    init(format: ExpositionFormat) {
        self.format = format
    }

    /// Writes a family's head and the samples of all its series.
    mutating func family(_ family: Family) {
        head(family.name, family.kind, help: family.help)
        for series in family.series.sorted(by: { $0.id.labels.text < $1.id.labels.text }) {
            series.write(to: &self)
        }
    }

    /// Writes the lines that come before a family's samples.
    mutating func head(_ family: String, _ kind: MetricKind, help: String?) {
        // OpenMetrics names a counter's family without the suffix of its samples.
        let name = prefix + (kind == .counter && format == .prometheus ? family + "_total" : family)
        if let help { text += "# HELP \(name) \(escaped(help))\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func sample(_ name: String, labels: LabelSet = .none, value: Double) {
        text += prefix + name
        if !labels.text.isEmpty { text += "{\(labels.text)}" }
        text += " \(number(value))\n"
    }

    /// The bound of a bucket; OpenMetrics always writes a fraction.
    func bound(_ value: Double) -> String {
        format == .openMetrics && value.isFinite ? value.description : number(value)
    }

    func finished() -> String {
        format == .openMetrics ? text + "# EOF\n" : text
    }

    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { String($0) } ?? value.description
    }

    private func escaped(_ help: String) -> String {
        var escaped = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where format == .openMetrics: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
