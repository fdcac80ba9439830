import Foundation
import Speech

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

    /// Says that an engine of the settings cannot be used, and what to do about it, if so.
    static func complain(of engine: EngineDescription) {
        guard case .unavailable(let reason) = engine.availability else { return }
        complain("\(engine.name) cannot be used: \(reason)")
    }

    /// Shows how far long work has come, if someone is watching; each call replaces the line before. What does not fit into
    /// a line of the terminal is cut, since the next call could not remove the lines that it would take.
    static func showProgress(_ line: String) {
        guard isWatched else { return }
        write("\r\u{1B}[K" + TerminalLine.cut(line, to: columns - 1))
    }

    /// How wide the terminal is, in columns.
    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
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
