#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What the system knows of this process, read from `/proc` when metrics are exposed.
struct ProcessMetrics: Equatable {
    /// A metric and how it is shown.
    struct Metric: Sendable {
        var name: String
        var kind: MetricKind
        var help: String
        var value: @Sendable (ProcessMetrics) -> Double
    }

    var residentBytes: Double
    var virtualBytes: Double
    var cpuSeconds: Double
    /// In seconds since 1970.
    var startTime: Double
    var openDescriptors: Double
    var maximumDescriptors: Double

    static let all: [Metric] = [
        Metric(name: "process_cpu_seconds", kind: .counter, help: "User and system CPU time spent.") { $0.cpuSeconds },
        Metric(name: "process_max_fds", kind: .gauge, help: "The most file descriptors that may be open.") {
            $0.maximumDescriptors
        },
        Metric(name: "process_open_fds", kind: .gauge, help: "File descriptors that are open.") { $0.openDescriptors },
        Metric(name: "process_resident_memory_bytes", kind: .gauge, help: "Memory in RAM.") { $0.residentBytes },
        Metric(name: "process_start_time_seconds", kind: .gauge, help: "When the process started, since 1970.") {
            $0.startTime
        },
        Metric(name: "process_virtual_memory_bytes", kind: .gauge, help: "Address space in use.") { $0.virtualBytes },
    ]

    /// The metrics now, or nil on a system without `/proc`.
    static func current() -> ProcessMetrics? {
        guard let stat = contents(of: "/proc/self/stat"), let limits = contents(of: "/proc/self/limits"),
            let boot = bootTime, let descriptors = countDescriptors()
        else { return nil }
        return ProcessMetrics(
            stat: stat,
            limits: limits,
            bootTime: boot,
            openDescriptors: descriptors,
            ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))),
            pageSize: Double(sysconf(Int32(_SC_PAGESIZE)))
        )
    }

    /// Reads `/proc/self/stat` and `/proc/self/limits`; nil when they are not what they should be.
    init?(
        stat: String,
        limits: String,
        bootTime: Double,
        openDescriptors: Double,
        ticksPerSecond: Double,
        pageSize: Double
    ) {
        // The name of the program comes in brackets and may hold spaces and brackets; the numbers follow the last one.
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let size = Double(fields[20]), let pages = Double(fields[21]),
            let limit = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })?
                .split(separator: " ").dropFirst(3).first
        else { return nil }
        residentBytes = pages * pageSize
        virtualBytes = size
        cpuSeconds = (user + system) / ticksPerSecond
        startTime = bootTime + start / ticksPerSecond
        self.openDescriptors = openDescriptors
        maximumDescriptors = Double(limit) ?? .infinity
    }

    func write(to exposition: inout Exposition) {
        for metric in Self.all {
            exposition.head(metric.name, metric.kind, help: metric.help)
            exposition.sample(metric.kind == .counter ? metric.name + "_total" : metric.name, value: metric.value(self))
        }
    }

    /// When the machine started, in seconds since 1970.
    private static let bootTime: Double? = contents(of: "/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }

    private static func contents(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func countDescriptors() -> Double? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        // Not counted: the two dot entries and the descriptor that this reads the directory with.
        var count = -3
        while readdir(directory) != nil { count += 1 }
        return Double(count)
    }
}
