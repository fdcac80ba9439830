public import Logging

/// Writes log lines as JSON or as text, with the request id, and without the text of users unless told otherwise.
///
/// Nothing in a message or in metadata can begin a second line or reach the terminal as a control character.
public struct AntiphonLogHandler: LogHandler {
    /// Metadata that every line of this logger carries.
    public var metadata: Logger.Metadata = [:]
    /// Asked for more metadata at each line; it wins over ``metadata``, and a line's own metadata wins over both.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let levels: LogLevels
    private let revealsUserText: Bool
    private let formatter: any LogFormatter
    private let output: any LogOutput
    private let milliseconds: @Sendable () -> Int64
    private var ownLevel: Logger.Level?

    /// A handler for the logger called `label`; `options.level` is left to `levels`.
    public init(
        label: String,
        options: TelemetryOptions,
        levels: LogLevels,
        output: any LogOutput,
        metadataProvider: Logger.MetadataProvider? = .requestID
    ) {
        self.init(
            label: label,
            options: options,
            levels: levels,
            output: output,
            metadataProvider: metadataProvider,
            milliseconds: WallClock.milliseconds
        )
    }

    init(
        label: String,
        options: TelemetryOptions,
        levels: LogLevels,
        output: any LogOutput,
        metadataProvider: Logger.MetadataProvider?,
        milliseconds: @escaping @Sendable () -> Int64
    ) {
        self.label = label
        self.levels = levels
        self.output = output
        self.metadataProvider = metadataProvider
        self.milliseconds = milliseconds
        revealsUserText = options.revealsUserText
        formatter =
            switch options.format {
            case .json: JSONLogFormatter()
            case .text: TextLogFormatter(showsColour: (output as? DescriptorLogOutput)?.showsColour ?? false)
            }
    }

    /// The level of this logger: what was set here, else what ``LogLevels`` says now.
    public var logLevel: Logger.Level {
        get {
            if let ownLevel { return ownLevel }
            let level = levels.level(of: label)
            // What libraries say at debug is about their own work.
            return level == .debug && !label.hasPrefix("antiphon") ? .info : level
        }
        set { ownLevel = newValue }
    }

    /// One value of ``metadata``.
    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() {
            all.merge(provided) { $1 }
        }
        if let error = event.error, event.metadata?["error"] == nil {
            all["error"] = .string(String(describing: error))
        }
        if let own = event.metadata {
            all.merge(own) { $1 }
        }
        var flattener = MetadataFlattener(revealsUserText: revealsUserText && event.level <= .debug)
        let message = flattener.text(event.message.description)
        let fields = flattener.fields(of: all)
        output.write(
            formatter.line(
                LogRecord(
                    milliseconds: milliseconds(),
                    level: event.level,
                    logger: label,
                    message: message,
                    fields: fields
                )
            )
        )
    }
}
