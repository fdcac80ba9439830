/// All families and their series, and who may still be added.
struct MetricTable: Sendable {
    struct Family: Sendable {
        var name: String
        var kind: MetricKind
        var buckets: HistogramBuckets
        var series: [LabelSet: any Series] = [:]
        /// Takes what all label sets beyond the limit record; made when the first of them comes.
        var overflow: (any Series)?

        mutating func series(
            of labels: LabelSet,
            upTo limit: Int
        ) -> (series: (any Series)?, refusal: Refusal?) {
            if let existing = series[labels] { return (existing, nil) }
            if series.count < limit {
                let new = make(labels)
                series[labels] = new
                return (new, nil)
            }
            let shared = overflow ?? make(.overflow)
            overflow = shared
            return (shared, .labelSets)
        }

        /// Returns whether nothing is left.
        mutating func remove(_ old: any Series) -> Bool {
            guard series[old.id.labels] === old else { return false }
            series[old.id.labels] = nil
            return series.isEmpty && overflow == nil
        }

        private func make(_ labels: LabelSet) -> any Series {
            let id = SeriesID(family: name, labels: labels)
            return switch kind {
            case .counter: CounterSeries(id: id)
            case .gauge: GaugeSeries(id: id)
            case .histogram: HistogramSeries(id: id, buckets: buckets)
            }
        }
    }

    /// Why a series was not made.
    enum Refusal: String, CaseIterable, Sendable {
        /// The family is full: its overflow series takes the values.
        case labelSets = "label_sets"
        /// There are too many families: the values are lost.
        case families
        /// A family of another kind has the name: the values are lost.
        case nameConflict = "name_conflict"
    }

    private(set) var families: [String: Family] = [:]
    private var limits: PrometheusRegistry.Limits
    /// Every name in use and the family it belongs to.
    private var owners: [String: String] = [:]
    private var helps: [String: String] = [:]
    private var buckets: [String: HistogramBuckets] = [:]
    private var defaultBuckets: HistogramBuckets

    init(limits: PrometheusRegistry.Limits, defaultBuckets: HistogramBuckets) {
        self.limits = limits
        self.defaultBuckets = defaultBuckets
    }

    /// The series of these labels, made if need be; or what stands in for it, and why.
    mutating func series(
        _ kind: MetricKind,
        _ name: String,
        _ labels: LabelSet
    ) -> (series: (any Series)?, refusal: Refusal?) {
        if families[name] == nil, let refusal = addFamily(kind, name) { return (nil, refusal) }
        guard families[name]?.kind == kind else { return (nil, .nameConflict) }
        return families[name]?.series(of: labels, upTo: limits.labelSets) ?? (nil, .nameConflict)
    }

    /// Takes a series out, and its family with the last one. An overflow series stays, for others record into it.
    mutating func remove(_ series: any Series) {
        let name = series.id.family
        guard let kind = families[name]?.kind, families[name]?.remove(series) == true else { return }
        families[name] = nil
        for owned in kind.names(of: name) { owners[owned] = nil }
    }

    /// Keeps names from use by families: those that are written from elsewhere.
    mutating func reserve(_ kind: MetricKind, _ name: String) {
        for name in kind.names(of: name) { owners[name] = "" }
    }

    mutating func describe(_ name: String, _ help: String) {
        guard helps[name] != nil || helps.count < limits.families else { return }
        helps[name] = help
    }

    func help(of family: Family) -> String? {
        helps[family.name] ?? helps[family.name + "_total"] ?? helps[MetricKind.withoutUnit(family.name)]
    }

    mutating func setBuckets(_ buckets: HistogramBuckets, for name: String) {
        guard self.buckets[name] != nil || self.buckets.count < limits.families else { return }
        self.buckets[name] = buckets
    }

    private mutating func addFamily(_ kind: MetricKind, _ name: String) -> Refusal? {
        let names = kind.names(of: name)
        guard names.allSatisfy({ owners[$0] == nil }) else { return .nameConflict }
        guard families.count < limits.families else { return .families }
        for owned in names { owners[owned] = name }
        let buckets = buckets[name] ?? buckets[MetricKind.withoutUnit(name)] ?? defaultBuckets
        families[name] = Family(name: name, kind: kind, buckets: buckets)
        return nil
    }
}
