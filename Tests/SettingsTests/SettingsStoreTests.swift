import Logging
import Testing

@testable import Settings

@Suite struct SettingsStoreTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func store(_ yaml: String = "") throws -> SettingsStore {
        SettingsStore(try folder.load(yaml), from: folder.sources)
    }

    @Test func `live settings change at once and the others wait`() throws {
        let store = try store()
        let change = try store.apply(changes: ["logging": ["level": "debug"], "bind": "::1", "speech.speed": 2])
        #expect(change.applied.map(\.path) == ["speech.speed", "logging.level"])
        #expect(change.waiting.map(\.path) == ["bind"])
        #expect(store.current.logging.level == .debug)
        #expect(store.current.speech.speed == 2)
        #expect(store.current.bind == "localhost")
        #expect(store.loaded.origin(of: SettingKeys.table.speech.speed) == .change)
    }

    @Test func `one wrong change stops all of them`() throws {
        let store = try store()
        let error = #expect(throws: SettingsError.self) {
            try store.apply(changes: ["speech.speed": 2, "logging.level": "loud", "bnd": 1])
        }
        #expect(
            error?.problems.map(\.description) == [
                "change: bnd: unknown key; did you mean `bind`?",
                "change: logging.level: expected one of `trace`, `debug`, `info`, `notice`, `warning`, `error`, `critical`, "
                    + "found `loud`",
            ]
        )
        #expect(store.current == Settings())
    }

    @Test func `a reload takes what is live and repeats what still waits`() throws {
        let store = try store("logging: { level: error }")
        try folder.write("logging: { level: debug }\nbind: 0.0.0.0")
        for expected in [["logging.level"], []] {
            let change = try store.reload()
            #expect(change.applied.map(\.path) == expected)
            #expect(change.waiting.map(\.path) == ["bind"])
        }
        #expect(store.current.logging.level == .debug)
        try folder.write("logging: [")
        #expect(throws: SettingsError.self) { try store.reload() }
        #expect(store.current.logging.level == .debug)
        try folder.write("")
        #expect(try store.reload().applied.map(\.path) == ["logging.level"])
        #expect(store.current.logging.level == .info)
        #expect(store.loaded.origin(of: SettingKeys.table.logging.level) == .standard)
    }

    @Test func `subscribers get the newest settings`() async throws {
        let store = try store()
        var first = store.updates().makeAsyncIterator()
        var second = store.updates().makeAsyncIterator()
        try store.apply(changes: ["speech.speed": 2])
        #expect(await first.next()?.speech.speed == 2)
        try store.apply(changes: ["speech.speed": 3])
        try store.apply(changes: ["bind": "elsewhere"])
        #expect(await first.next()?.speech.speed == 3)
        #expect(await second.next()?.speech.speed == 3)
    }

    @Test func `a subscriber that leaves is forgotten and the end of the store ends the rest`() async throws {
        var store: SettingsStore? = try store()
        let updates = try #require(store?.updates())
        let task = Task { for await _ in updates {} }
        #expect(store?.subscriberCount == 1)
        task.cancel()
        await task.value
        #expect(store?.subscriberCount == 0)
        let rest = try #require(store?.updates())
        store = nil
        for await _ in rest {
            Issue.record("nothing has changed")
        }
    }

    // Cancelling holds the lock of a task, which whoever wakes the task takes too.
    @Test(.timeLimit(.minutes(5))) func `a subscriber may leave at the moment it is told`() async throws {
        let store = try store()
        for round in 1...30_000 {
            let updates = store.updates()
            let reader = Task { for await _ in updates {} }
            await Task.yield()
            async let change = store.apply(changes: ["speech.speed": round.isMultiple(of: 2) ? 1 : 2])
            reader.cancel()
            _ = try await change
            await reader.value
        }
        #expect(store.subscriberCount == 0)
    }
}
