public import Logging
import CoreMetrics
import Synchronization

/// The logs and metrics of the process.
public enum Telemetry {
    /// The levels that the process logs at; change them at any time.
    public static let logLevels = LogLevels()

    private static let isBootstrapped = Atomic(false)

    /// Sends every logger of the process to standard error and, given a registry, every metric into it.
    ///
    /// The first call decides; a later one only changes the level. Returns whether this was the first.
    @discardableResult
    public static func bootstrap(_ options: TelemetryOptions = .init(), registry: PrometheusRegistry? = nil) -> Bool {
        logLevels.level = options.level
        guard isBootstrapped.exchange(true, ordering: .acquiringAndReleasing) == false else { return false }
        let output = DescriptorLogOutput.standardError
        LoggingSystem.bootstrap(
            { label, provider in
                AntiphonLogHandler(
                    label: label,
                    options: options,
                    levels: logLevels,
                    output: output,
                    metadataProvider: provider
                )
            },
            metadataProvider: .requestID
        )
        if let registry {
            MetricsSystem.bootstrap(registry)
        }
        return true
    }

    /// As ``bootstrap(_:registry:)`` with the given format and level.
    @discardableResult
    public static func bootstrap(
        format: LogFormat,
        level: Logger.Level,
        registry: PrometheusRegistry? = nil
    ) -> Bool {
        bootstrap(TelemetryOptions(format: format, level: level), registry: registry)
    }
}
