import Logging

/// One line for people: time, level, logger, message, then `name=value`.
struct TextLogFormatter: LogFormatter {
    let showsColour: Bool

    func line(_ record: LogRecord) -> String {
        let level = record.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.count))
        var line = painted(WallClock.iso8601(record.milliseconds), dim) + " "
        line += painted(level, colour(of: record.level)) + padding + " "
        line += painted(escaped(record.logger), dim) + ": " + escaped(record.message)
        for field in record.fields {
            line += " " + painted(escaped(field.name) + "=", dim) + quoted(plain(field.value))
        }
        return line
    }

    private func plain(_ value: LogRecord.Value) -> String {
        switch value {
        case .text(let text), .literal(let text): text
        case .list(let elements): "[" + elements.map(plain).joined(separator: ", ") + "]"
        case .object(let fields): "{" + fields.map { "\($0.name): \(plain($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    private func quoted(_ value: String) -> String {
        let needsQuotes = value.isEmpty || value.unicodeScalars.contains { " \"=".unicodeScalars.contains($0) }
        return needsQuotes ? "\"" + escaped(value, quotes: true) + "\"" : escaped(value)
    }

    private func escaped(_ text: String, quotes: Bool = false) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case _ where scalar.isUnsafeInLogs: escaped += scalar.utf16Escape
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private let dim = "2"

    private func colour(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: dim
        case .info: "32"
        case .notice: "36"
        case .warning: "33"
        case .error: "31"
        case .critical: "1;31"
        }
    }

    private func painted(_ text: String, _ colour: String) -> String {
        showsColour ? "\u{1B}[\(colour)m\(text)\u{1B}[0m" : text
    }
}
