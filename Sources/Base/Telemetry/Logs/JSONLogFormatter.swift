import Logging

/// One JSON object per line: `ts`, `level`, `logger`, `message`, then the metadata by name.
struct JSONLogFormatter: LogFormatter {
    func line(_ record: LogRecord) -> String {
        var line = "{\"ts\":\"\(WallClock.iso8601(record.milliseconds))\",\"level\":\"\(record.level.rawValue)\""
        line += ",\"logger\":"
        append(string: record.logger, to: &line)
        line += ",\"message\":"
        append(string: record.message, to: &line)
        for field in record.fields {
            line += ","
            append(field, to: &line)
        }
        return line + "}"
    }

    private func append(_ field: LogRecord.Field, to line: inout String) {
        append(string: field.name, to: &line)
        line += ":"
        append(field.value, to: &line)
    }

    private func append(_ value: LogRecord.Value, to line: inout String) {
        switch value {
        case .text(let text):
            append(string: text, to: &line)
        case .literal(let literal):
            line += literal
        case .list(let elements):
            line += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { line += "," }
                append(element, to: &line)
            }
            line += "]"
        case .object(let fields):
            line += "{"
            for (index, field) in fields.enumerated() {
                if index > 0 { line += "," }
                append(field, to: &line)
            }
            line += "}"
        }
    }

    private func append(string: String, to line: inout String) {
        line += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.isUnsafeInLogs: line += scalar.utf16Escape
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
