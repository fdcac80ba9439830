import Foundation
import Testing

@testable import Storage

/// Keys that are changed beside the store that verifies them.
@Suite(.timeLimit(.minutes(5))) struct APIKeyWatchTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func keyring(_ folder: TemporaryFolder) async throws -> Keyring {
        try await Keyring.open(Store.Configuration(path: folder.file("test.sqlite")), logger: .silent)
    }

    @Test func `a key made beside an open store is accepted after a refresh`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let keyring = try await keyring(folder)
        let issued = try await keyring.apiKeys.add(name: "a", scopes: ["publish:x"])
        #expect(store.apiKeys.verify(issued.key) == nil)
        try await store.apiKeys.refresh()
        #expect(store.apiKeys.verify(issued.key)?.scopes == ["publish:x"])
        try await keyring.close()
        try await store.apiKeys.revoke(issued.record.id)
        #expect(try await self.keyring(folder).apiKeys.list().first?.revokedAt != nil)
    }

    @Test func `a key revoked beside an open store is refused after a refresh, and listeners are told once`()
        async throws
    {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let first = try await store.apiKeys.add(name: "first")
        let second = try await store.apiKeys.add(name: "second")
        let third = try await store.apiKeys.add(name: "third")
        var revocations = store.apiKeys.revocations().makeAsyncIterator()
        let keyring = try await keyring(folder)
        try await keyring.apiKeys.revoke(first.record.id)
        for _ in 0..<3 { try await store.apiKeys.refresh() }
        #expect(store.apiKeys.verify(first.key) == nil)
        #expect(store.apiKeys.validKey(first.record.id) == nil)
        #expect(store.apiKeys.verify(second.key) != nil)
        // A revocation of the store's own follows; so nothing was reported twice.
        try await store.apiKeys.revoke(second.record.id)
        try await store.apiKeys.revoke(second.record.id)
        try await store.apiKeys.revoke(third.record.id)
        #expect(await revocations.next() == first.record.id)
        #expect(await revocations.next() == second.record.id)
        #expect(await revocations.next() == third.record.id)
        try await keyring.close()
    }

    @Test func `a store that watches sees the revocation by another process`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let issued = try await store.apiKeys.add(name: "a")
        let revocations = store.apiKeys.revocations()
        let watching = Task { await store.apiKeys.watch(every: .milliseconds(20)) }
        let (path, id) = (store.path, issued.record.id)
        await #expect(processExitsWith: .success) { [path = path as String, id = id as String] in
            let keyring = try await Keyring.open(Store.Configuration(path: path), logger: .silent)
            try await keyring.apiKeys.revoke(id)
            _ = try await keyring.apiKeys.add(name: "from the other process")
            try await keyring.close()
        }
        for await revoked in revocations {
            #expect(revoked == issued.record.id)
            break
        }
        #expect(store.apiKeys.verify(issued.key) == nil)
        watching.cancel()
        await watching.value
        #expect(try await store.apiKeys.list().map(\.name) == ["from the other process", "a"])
        // The other process has left the log to this one.
        try await store.makeProbe()
        try await store.close()
        let log = LogRecorder()
        #expect(try await folder.open(logger: log.logger).apiKeys.list().count == 2)
        #expect(log.messages == [])
    }

    @Test func `both sides write at the same time`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let keyring = try await keyring(folder)
        try await store.makeProbe()
        try await withThrowingTaskGroup { group in
            for id in 0..<100 {
                group.addTask { try await store.insertProbe(id) }
                group.addTask { _ = try await keyring.apiKeys.add(name: "\(id)") }
            }
            try await group.waitForAll()
        }
        #expect(try await store.probes() == Set(0..<100))
        #expect(Set(try await store.apiKeys.list().map(\.name)) == Set((0..<100).map(String.init)))
        try await keyring.close()
    }

    @Test func `the time of use in memory outlives a reload`() throws {
        let key = APIKeySecret.makeKey()
        let prefix = try #require(APIKeySecret.prefix(of: key))
        let record = APIKeyRecord(id: "1", name: "n", prefix: prefix, scopes: [], createdAt: start)
        let stored = APIKeyTable.Entry(record: record, secret: APIKeySecret(of: key))
        var table = APIKeyTable()
        #expect(table.replace(with: [stored]) == [])
        #expect(table.verify(key, at: start)?.isUseToBeStored == true)
        #expect(table.replace(with: [stored]) == [])
        #expect(table.verify(key, at: start + 1)?.isUseToBeStored == false)
        #expect(table.replace(with: []) == ["1"])
        #expect(table.verify(key, at: start) == nil)
    }

    @Test func `a keyring makes a database that is not there, and then is its owner`() async throws {
        let folder = try TemporaryFolder()
        let keyring = try await keyring(folder)
        let issued = try await keyring.apiKeys.add(name: "a")
        await #expect(throws: StorageError.self) { try await folder.open() }
        try await keyring.close()
        let store = try await folder.open()
        #expect(store.apiKeys.verify(issued.key) != nil)
    }

    @Test func `beside an owner that is still making the database there is no keyring`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("test.sqlite")
        let lock = try StoreLock(databasePath: path)
        await #expect(throws: StorageError.locked(path: path, pid: getpid())) { try await self.keyring(folder) }
        try StoreFile.create(path)
        await #expect(throws: StorageError.locked(path: path, pid: getpid())) { try await self.keyring(folder) }
        lock.release(clean: false)
        try await keyring(folder).close()
    }

    @Test func `an expired key is refused`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let issued = try await store.apiKeys.add(name: "a", expiresAt: start + 60, at: start)
        #expect(issued.record.expiresAt == start + 60)
        for (offset, isValid) in [(0.0, true), (59.9, true), (60, false), (1000, false)] {
            #expect((store.apiKeys.verify(issued.key, at: start + offset) != nil) == isValid)
            #expect((store.apiKeys.validKey(issued.record.id, at: start + offset) != nil) == isValid)
        }
        #expect(try await store.apiKeys.list().first?.expiresAt == start + 60)
        await #expect(throws: StorageError.self) {
            try await store.apiKeys.add(name: "late", expiresAt: start, at: start)
        }
    }
}
