import Foundation

/// Messages to the person at the terminal; results go to standard output, everything else here.
enum Terminal {
    /// Whether someone is watching the messages.
    static let isWatched = isatty(STDERR_FILENO) == 1

    /// Writes `text` as it is to standard error.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    /// Says in one line what is wrong.
    static func complain(_ message: String) {
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        write("\(isWatched ? "\r\u{1B}[K" : "")antiphon: \(line)\n")
    }

    /// Shows how far long work has come, if someone is watching; each call replaces the line before.
    static func showProgress(_ line: String) {
        if isWatched { write("\r\u{1B}[K\(line)") }
    }

    /// Removes the line of progress.
    static func clearProgress() {
        if isWatched { write("\r\u{1B}[K") }
    }
}

/// Prints `value` as JSON with sorted keys.
func printJSON(_ value: some Encodable) throws {
    print(try jsonText(value))
}

/// `value` as JSON with sorted keys.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
