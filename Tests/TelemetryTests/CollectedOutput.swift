import Foundation
import Logging
import Synchronization

@testable import Telemetry

/// Keeps log lines instead of writing them.
final class CollectedOutput: LogOutput {
    private let collected = Mutex<[String]>([])

    var lines: [String] { collected.withLock { $0 } }

    func write(_ line: String) {
        collected.withLock { $0.append(line) }
    }

    /// A logger that writes here, at noon of a day in November.
    func logger(
        _ options: TelemetryOptions = TelemetryOptions(format: .json),
        levels: LogLevels? = nil,
        provider: Logger.MetadataProvider? = .requestID
    ) -> Logger {
        Logger(label: "antiphon.test") { label in
            AntiphonLogHandler(
                label: label,
                options: options,
                levels: levels ?? LogLevels(options.level),
                output: self,
                metadataProvider: provider,
                milliseconds: { 1_795_262_400_123 }
            )
        }
    }

    /// The only line, parsed.
    func object() throws -> [String: Any] {
        guard lines.count == 1,
            let object = try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
        else { throw NotOneObject(lines: lines) }
        return object
    }

    struct NotOneObject: Error {
        var lines: [String]
    }
}
