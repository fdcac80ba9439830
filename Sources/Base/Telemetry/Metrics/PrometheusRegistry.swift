public import CoreMetrics
import Synchronization

/// Keeps all metrics of the process and writes them out for Prometheus.
///
/// All names but those of the process (`process_…`) get the registry's prefix. A counter is exposed as `<name>_total`, a timer as a histogram `<name>_seconds`, a recorder as a histogram or, when it
/// does not aggregate, as a gauge; `.` and `-` in names become `_`. Make a `Counter`, `Meter`, `Timer` or `Recorder`
/// once and keep it: recording into it takes no lock and no memory, making it takes both.
///
/// Nothing grows without bound: what goes beyond ``Limits`` is recorded into one series of the family with the label
/// `overflow="true"`, or lost when it would be a family too many or one of another kind under a name in use.
/// `telemetry_overflow_total` counts how often that happened.
public final class PrometheusRegistry: Sendable {
    /// How much a registry holds.
    public struct Limits: Sendable, Equatable {
        /// The most families, at least 1.
        public var families: Int
        /// The most label sets in a family, at least 1, apart from the overflow.
        public var labelSets: Int

        /// Limits; by default 1000 families of 2000 label sets.
        public init(families: Int = 1000, labelSets: Int = 2000) {
            self.families = max(1, families)
            self.labelSets = max(1, labelSets)
        }
    }

    private let table: Mutex<MetricTable>
    private let refusals: [MetricTable.Refusal: CounterSeries]
    private let includesProcess: Bool
    private let prefix: String
    private let oldNames: Set<String>
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    /// A registry without metrics of its own but for those of the process, unless told otherwise.
    ///
    /// Names begin with `prefix`, which Prometheus must allow in a name. The families `oldNames`, named as they would be
    /// without it (a counter without `_total`), are written a second time under that name, for dashboards that are older
    /// than the prefix. `defaultBuckets` are those of every histogram that ``setBuckets(_:for:)`` names no others for.
    public init(
        prefix: String = "",
        oldNames: Set<String> = [],
        limits: Limits = Limits(),
        defaultBuckets: HistogramBuckets = .latency,
        includesProcess: Bool = true
    ) {
        var table = MetricTable(limits: limits, defaultBuckets: defaultBuckets)
        for metric in ProcessMetrics.all { table.reserve(metric.kind, metric.name) }
        table.reserve(.counter, Self.overflowFamily)
        refusals = Dictionary(
            uniqueKeysWithValues: MetricTable.Refusal.allCases.map { refusal in
                let id = SeriesID(family: Self.overflowFamily, labels: LabelSet([("reason", refusal.rawValue)]))
                return (refusal, CounterSeries(id: id))
            }
        )
        self.includesProcess = includesProcess
        self.prefix = prefix
        self.oldNames = oldNames
        self.table = Mutex(table)
    }

    /// Sets the help text of a metric, by the name it is made with or the one it is exposed as.
    public func describe(_ name: String, _ help: String) {
        let name = MetricName.sanitised(name)
        table.withLock { $0.describe(name, help) }
    }

    /// Sets the buckets of a recorder or timer, by the name it is made with or the one it is exposed as.
    ///
    /// Call it before the first of that name is made: the buckets of a family do not change.
    public func setBuckets(_ buckets: HistogramBuckets, for name: String) {
        let name = MetricName.sanitised(name)
        table.withLock { $0.setBuckets(buckets, for: name) }
    }

    /// Has `collect` called each time before the metrics are written out, for those that are looked up and not counted.
    /// It records them into meters of this registry, and is kept for good.
    public func beforeExposing(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// All metrics as text. Families are sorted by name and series by labels.
    public func expose(_ format: ExpositionFormat = .prometheus) -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        var families = table.withLock { table in
            table.families.values.map { family in
                Exposition.Family(
                    name: family.name,
                    kind: family.kind,
                    help: table.help(of: family),
                    series: Array(family.series.values) + (family.overflow.map { [$0] } ?? [])
                )
            }
        }
        families.append(
            Exposition.Family(
                name: Self.overflowFamily,
                kind: .counter,
                help: "Metrics that were asked for beyond a limit or under a name in use.",
                series: Array(refusals.values)
            )
        )
        families.sort { $0.name < $1.name }
        var exposition = Exposition(format: format)
        exposition.prefix = prefix
        for family in families { exposition.family(family) }
        exposition.prefix = ""
        for var family in families where oldNames.contains(family.name) {
            family.help = "Old name of \(prefix)\(family.name)."
            exposition.family(family)
        }
        if includesProcess {
            ProcessMetrics.current()?.write(to: &exposition)
        }
        return exposition.finished()
    }

    private static let overflowFamily = "telemetry_overflow"

    private func series(_ kind: MetricKind, _ family: String, _ dimensions: [(String, String)]) -> (any Series)? {
        let labels = LabelSet(dimensions)
        let (series, refusal) = table.withLock { $0.series(kind, family, labels) }
        if let refusal { refusals[refusal]?.increment(by: Int64(1)) }
        return series
    }

    private func remove(_ handler: any Sendable) {
        guard let series = handler as? any Series else { return }
        table.withLock { $0.remove(series) }
    }
}

extension PrometheusRegistry: MetricsFactory {
    /// The counter of these dimensions, the same one each time.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// The counter of these dimensions, the same one that ``makeCounter(label:dimensions:)`` gives.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// The gauge of these dimensions, the same one each time.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    /// The histogram of these dimensions or, without aggregation, the gauge; the same one each time.
    public func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let handler: (any RecorderHandler)? =
            aggregate
            ? histogram(MetricName.sanitised(label), dimensions)
            : gauge(label, dimensions)
        return handler ?? NOOPMetricsHandler.instance
    }

    /// The histogram of these dimensions in seconds, the same one each time.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(MetricKind.timerFamily(MetricName.sanitised(label)), dimensions) ?? NOOPMetricsHandler.instance
    }

    /// Forgets a counter.
    public func destroyCounter(_ handler: any CounterHandler) {
        remove(handler)
    }

    /// Forgets a counter.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        remove(handler)
    }

    /// Forgets a gauge.
    public func destroyMeter(_ handler: any MeterHandler) {
        remove(handler)
    }

    /// Forgets a histogram or gauge.
    public func destroyRecorder(_ handler: any RecorderHandler) {
        remove(handler)
    }

    /// Forgets a histogram.
    public func destroyTimer(_ handler: any TimerHandler) {
        remove(handler)
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries? {
        series(.counter, MetricKind.counterFamily(MetricName.sanitised(label)), dimensions) as? CounterSeries
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries? {
        series(.gauge, MetricName.sanitised(label), dimensions) as? GaugeSeries
    }

    private func histogram(_ family: String, _ dimensions: [(String, String)]) -> HistogramSeries? {
        series(.histogram, family, dimensions) as? HistogramSeries
    }
}
