public import Logging
import Synchronization

/// The level of every logger, changeable while the program runs.
///
/// One level holds for all; a logger label, and with it the labels below it (`antiphon.speech` and
/// `antiphon.speech.vad`), can have its own.
public final class LogLevels: Sendable {
    /// The most labels that can have their own level.
    public static let maximumOverrides = 256

    private static let levels = Logger.Level.allCases

    private let base: Atomic<Int>
    /// Read before the lock is taken, because most processes have no overrides and every log call asks for its level.
    private let overrideCount = Atomic(0)
    private let overrides = Mutex<[String: Logger.Level]>([:])

    /// Levels that start at `level` for every logger.
    public init(_ level: Logger.Level = .info) {
        base = Atomic(Self.index(of: level))
    }

    /// The level of every logger without its own.
    public var level: Logger.Level {
        get { Self.levels[base.load(ordering: .relaxed)] }
        set { base.store(Self.index(of: newValue), ordering: .relaxed) }
    }

    /// The level of the logger called `label`: its own, else that of the nearest label above it, else ``level``.
    public func level(of label: String) -> Logger.Level {
        guard overrideCount.load(ordering: .relaxed) > 0 else { return level }
        let own = overrides.withLock { overrides in
            var name = label[...]
            while true {
                if let level = overrides[String(name)] { return Optional(level) }
                guard let dot = name.lastIndex(of: ".") else { return nil }
                name = name[..<dot]
            }
        }
        return own ?? level
    }

    /// Gives the loggers at and below `label` their own level, or with nil takes it away.
    ///
    /// Returns false, and changes nothing, when ``maximumOverrides`` other labels have their own level.
    @discardableResult
    public func set(_ level: Logger.Level?, for label: String) -> Bool {
        overrides.withLock { overrides in
            if level != nil, overrides[label] == nil, overrides.count >= Self.maximumOverrides { return false }
            overrides[label] = level
            overrideCount.store(overrides.count, ordering: .relaxed)
            return true
        }
    }

    private static func index(of level: Logger.Level) -> Int {
        levels.firstIndex(of: level) ?? 0
    }
}
