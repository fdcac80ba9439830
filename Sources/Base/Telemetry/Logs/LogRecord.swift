import Logging

/// What a line says, with everything in it within bounds and nothing escaped yet.
struct LogRecord {
    /// A value of metadata.
    enum Value: Equatable {
        case text(String)
        /// A number or a truth value, as it stands in JSON.
        case literal(String)
        case list([Value])
        case object([Field])
    }

    /// A named value.
    struct Field: Equatable {
        var name: String
        var value: Value
    }

    /// Since 1970, in UTC.
    var milliseconds: Int64
    var level: Logger.Level
    var logger: String
    var message: String
    /// Sorted by name, each name once.
    var fields: [Field]
}

/// Turns a record into a line without line breaks.
protocol LogFormatter: Sendable {
    func line(_ record: LogRecord) -> String
}
