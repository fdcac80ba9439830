import Foundation
import Logging
import ServiceLifecycle
import Storage
import Synchronization
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct CredentialWatchTests {
    /// Notes who was told what.
    private final class Told: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }

        func hear(_ name: String) -> @Sendable (CredentialEnd) -> Void {
            { end in self.list.withLock { $0.append("\(name): \(end)") } }
        }
    }

    private func identity(key: APIKeyRecord, expiry: Date? = nil) -> Identity {
        Identity(.token(id: "t", name: "n", key: key.id), grant: .everything, expiry: expiry)
    }

    @Test func `those whose time is over are told once, in order`() async throws {
        try await withStore { store in
            let key = try await store.apiKeys.add(name: "k").record
            let (watch, told) = (CredentialWatch(keys: store.apiKeys), Told())
            let now = ContinuousClock.now
            _ = watch.add(identity(key: key, expiry: Date() + 200), onEnd: told.hear("late"))
            _ = watch.add(identity(key: key, expiry: Date() + 100), onEnd: told.hear("early"))
            let gone = watch.add(identity(key: key, expiry: Date() + 50), onEnd: told.hear("gone"))
            _ = watch.add(identity(key: key), onEnd: told.hear("never"))
            gone.cancel()
            gone.cancel()
            let next = try #require(watch.endExpired(now: now + .seconds(10)))
            #expect(abs((next - now) / .seconds(1) - 100) < 5)
            #expect(told.all == [])
            #expect(watch.endExpired(now: now + .seconds(1000)) == nil)
            _ = watch.endExpired(now: now + .seconds(2000))
            #expect(told.all == ["early: Credentials expired.", "late: Credentials expired."])
            #expect(watch.count == 1)
        }
    }

    @Test func `those of a revoked key are told and no others`() async throws {
        try await withStore { store in
            let first = try await store.apiKeys.add(name: "first").record
            let second = try await store.apiKeys.add(name: "second").record
            let (watch, told) = (CredentialWatch(keys: store.apiKeys), Told())
            _ = watch.add(identity(key: first, expiry: Date() + 100), onEnd: told.hear("a"))
            _ = watch.add(identity(key: second), onEnd: told.hear("b"))
            _ = watch.add(identity(key: first), onEnd: told.hear("c"))
            watch.end(key: first.id)
            watch.end(key: first.id)
            #expect(told.all == ["a: Credentials revoked.", "c: Credentials revoked."])
            #expect(watch.endExpired(now: .now + .seconds(1000)) == nil)
            #expect(watch.count == 1)
        }
    }

    @Test func `a key that was revoked before the registration is noticed`() async throws {
        try await withStore { store in
            let key = try await store.apiKeys.add(name: "k").record
            let (watch, told) = (CredentialWatch(keys: store.apiKeys), Told())
            try await store.apiKeys.revoke(key.id)
            _ = watch.add(identity(key: key), onEnd: told.hear("a"))
            #expect(told.all == ["a: Credentials revoked."])
            #expect(watch.count == 0)
        }
    }

    @Test func `without a key nobody is watched`() async throws {
        let watch = CredentialWatch(keys: nil)
        watch.add(.open) { _ in Issue.record("nothing can end") }.cancel()
        #expect(watch.count == 0)
    }

    @Test func `a running watch tells of expiry, of revocation here and by another owner of the database`() async throws
    {
        try await withStore { store in
            let keys = try await [
                store.apiKeys.add(name: "a").record, store.apiKeys.add(name: "b").record,
                store.apiKeys.add(name: "c").record,
            ]
            let watch = CredentialWatch(keys: store.apiKeys)
            let (ends, end) = AsyncStream.makeStream(of: String.self)
            for (key, expiry) in zip(keys, [nil, nil, Date() + 0.2]) {
                _ = watch.add(identity(key: key, expiry: expiry)) { end.yield("\(key.name): \($0)") }
            }
            let path = store.path
            let group = ServiceGroup(services: [watch], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                try await store.apiKeys.revoke(keys[0].id)
                let keyring = try await Keyring.open(.init(path: path), logger: Logger(label: "test"))
                try await keyring.apiKeys.revoke(keys[1].id)
                try await keyring.close()
                var told: Set<String> = []
                for await text in ends {
                    told.insert(text)
                    if told.count == 3 { break }
                }
                #expect(
                    told == ["a: Credentials revoked.", "b: Credentials revoked.", "c: Credentials expired."]
                )
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
