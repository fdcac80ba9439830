internal import Synchronization

/// The settings of a running server. Live ones change while it runs; the others wait for the next start.
public final class SettingsStore: Sendable {
    fileprivate struct State {
        var current: LoadedSettings
        var subscribers: [Int: AsyncStream<Settings>.Continuation] = [:]
        var nextSubscriber = 0
    }

    private let sources: SettingsSources
    private let state: Mutex<State>
    /// Held while settings change and subscribers are told, so that these hear of the changes in order. They are told
    /// without the lock of the state: who wakes a task may wait for the one that cancels it, and who cancels a subscriber
    /// waits for the state.
    private let changing = Mutex(())

    /// Starts with `loaded`, which came from `sources`.
    public init(_ loaded: LoadedSettings, from sources: SettingsSources = SettingsSources()) {
        self.sources = sources
        state = Mutex(State(current: loaded))
    }

    /// The settings in force.
    public var current: Settings { loaded.settings }

    /// The settings in force, with their origins.
    public var loaded: LoadedSettings { state.withLock { $0.current } }

    /// Reads the sources again and changes nothing. Throws when anything is wrong with them.
    public func read() throws(SettingsError) -> LoadedSettings {
        try Settings.load(from: sources)
    }

    /// Reads the sources again and brings the live settings into force. Changes made with `apply` are kept only if they
    /// were saved. Throws when anything is wrong with the sources; then nothing changes.
    @discardableResult
    public func reload() throws(SettingsError) -> SettingsChange {
        let read = try read()
        return try change { $0.adopt(read) }
    }

    /// Brings `changes` into force: values by path, where the value of a section is an object of values. Settings that need
    /// a restart are checked and reported, but stay as they are. Throws when a key is unknown or a value not allowed; then
    /// nothing changes.
    @discardableResult
    public func apply(changes: [String: SettingValue]) throws(SettingsError) -> SettingsChange {
        try change { state throws(SettingsError) in state.adopt(try state.current.applying(changes)) }
    }

    /// Makes a change and tells the subscribers of what is in force now.
    private func change(
        _ body: (inout State) throws(SettingsError) -> SettingsChange
    ) throws(SettingsError) -> SettingsChange {
        try changing.withLock { _ throws(SettingsError) in
            let (change, settings, subscribers) = try state.withLock { state throws(SettingsError) in
                (try body(&state), state.current.settings, Array(state.subscribers.values))
            }
            if !change.applied.isEmpty {
                for subscriber in subscribers { subscriber.yield(settings) }
            }
            return change
        }
    }

    /// The settings after each change from now on. Only the newest is kept for a subscriber that is not waiting.
    public func updates() -> AsyncStream<Settings> {
        let (stream, continuation) = AsyncStream.makeStream(of: Settings.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    /// How many subscribers there are.
    var subscriberCount: Int { state.withLock { $0.subscribers.count } }

    deinit {
        let subscribers = state.withLock { $0.subscribers.values.map(\.self) }
        for subscriber in subscribers { subscriber.finish() }
    }
}

extension SettingsStore.State {
    /// Takes the live values of `new`.
    fileprivate mutating func adopt(_ new: LoadedSettings) -> SettingsChange {
        let differences = current.settings.differences(to: new.settings)
        let applied = differences.filter { $0.effect == .live }
        for difference in applied {
            current.take(difference.path, from: new)
        }
        return SettingsChange(
            applied: applied,
            waiting: differences.filter { $0.effect == .restart },
            warnings: new.warnings
        )
    }
}

extension LoadedSettings {
    /// Takes the value and the origin of the key at `path` from `other`.
    fileprivate mutating func take(_ path: String, from other: LoadedSettings) {
        settings.take(path, from: other.settings)
        origins[path] = other.origins[path]
    }
}
