import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct APIKeyStoreTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test func `a key has its form and is recognised, also after the store was opened again`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let issued = try await store.apiKeys.add(name: "overlay", scopes: ["events:read"], at: start)
        #expect(issued.key.wholeMatch(of: /ak_[A-Za-z0-9_-]{43}/) != nil)
        #expect(issued.key.hasPrefix(issued.record.prefix))
        #expect(store.apiKeys.verify(issued.key)?.id == issued.record.id)
        #expect(store.apiKeys.verify(issued.key)?.scopes == ["events:read"])
        try await store.close()
        let again = try await folder.open()
        #expect(again.apiKeys.verify(issued.key)?.name == "overlay")
    }

    @Test func `what is not a valid key is not recognised`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let key = try await store.apiKeys.add(name: "a").key
        let last = key.hasSuffix("A") ? "E" : "A"
        let wrong = [
            "", "ak_", "x", String(key.dropLast()), key + "A", key.dropLast() + last, key.uppercased(),
            "ak_" + String(repeating: "A", count: 43), String(repeating: "ak_", count: 5_000_000),
            "ak_" + String(repeating: "\u{0}", count: 43), "ak_" + String(repeating: "é", count: 21) + "x",
            APIKeySecret.makeKey(),
        ]
        for presented in wrong { #expect(store.apiKeys.verify(presented) == nil, "\(presented.prefix(60))") }
        #expect(store.apiKeys.verify(key) != nil)
    }

    @Test func `keys with one prefix are told apart`() throws {
        var table = APIKeyTable()
        let keys = (0..<3).map { "ak_same1234" + String(repeating: "\($0)", count: 35) }
        for (number, key) in keys.enumerated() {
            let record = APIKeyRecord(id: "\(number)", name: "n", prefix: "ak_same1234", scopes: [], createdAt: start)
            table.insert(APIKeyTable.Entry(record: record, secret: APIKeySecret(of: key)))
        }
        #expect(keys.map { table.verify($0, at: start)?.record.id } == ["0", "1", "2"])
        table.remove("1")
        #expect(keys.map { table.verify($0, at: start)?.record.id } == ["0", nil, "2"])
    }

    @Test func `a revoked key is refused at once and for good`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let first = try await store.apiKeys.add(name: "first")
        let second = try await store.apiKeys.add(name: "second")
        let third = try await store.apiKeys.add(name: "third")
        let revoked = try await store.apiKeys.revoke(first.record.id, at: start)
        #expect(revoked.revokedAt == start.stored)
        try await store.apiKeys.revoke(second.record.prefix, at: start)
        #expect(try await store.apiKeys.revoke(first.record.id, at: start + 60) == revoked)
        for store in [store, try await reopened(store, in: folder)] {
            #expect(store.apiKeys.verify(first.key) == nil)
            #expect(store.apiKeys.verify(second.key) == nil)
            #expect(store.apiKeys.verify(third.key) != nil)
        }
    }

    @Test func `revoking what does not exist is an error`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        _ = try await store.apiKeys.add(name: "a")
        for name in ["", "ak_", "nobody", String(repeating: "x", count: 100_000)] {
            await #expect(throws: StorageError.unknown(what: "API key", name: name)) {
                try await store.apiKeys.revoke(name)
            }
        }
    }

    @Test func `the list has the newest first, and revoked keys too`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        for (number, name) in ["a", "b", "c"].enumerated() {
            _ = try await store.apiKeys.add(name: name, at: start + Double(number))
        }
        let list = try await store.apiKeys.list()
        #expect(list.map(\.name) == ["c", "b", "a"])
        try await store.apiKeys.revoke(list[1].id)
        let after = try await store.apiKeys.list()
        #expect(after.map(\.name) == ["c", "b", "a"])
        #expect(after.map { $0.revokedAt != nil } == [false, true, false])
        #expect(try await store.apiKeys.list(limit: 2).count == 2)
    }

    @Test func `the time of use is written at most once a minute`() async throws {
        var table = APIKeyTable()
        let key = APIKeySecret.makeKey()
        let prefix = try #require(APIKeySecret.prefix(of: key))
        let record = APIKeyRecord(id: "1", name: "n", prefix: prefix, scopes: [], createdAt: start)
        table.insert(APIKeyTable.Entry(record: record, secret: APIKeySecret(of: key)))
        let isStored = [0.0, 1, 59.9, 60, 61, 119, 120].map { table.verify(key, at: start + $0)?.isUseToBeStored }
        #expect(isStored == [true, false, false, true, false, false, true])
    }

    @Test func `the time of use is in the list and survives`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let key = try await store.apiKeys.add(name: "a").key
        #expect(try await store.apiKeys.list().first?.lastUsedAt == nil)
        for offset in [0.0, 30, 61, 62] { _ = store.apiKeys.verify(key, at: start + offset) }
        let again = try await reopened(store, in: folder)
        #expect(try await again.apiKeys.list().first?.lastUsedAt == (start + 61).stored)
    }

    @Test func `of a name there is one valid key at a time`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let first = try await store.apiKeys.add(name: "a", expiresAt: start + 60, at: start)
        await #expect(throws: StorageError.alreadyExists(what: "API key", name: "a")) {
            try await store.apiKeys.add(name: "a", at: start)
        }
        _ = try await store.apiKeys.add(name: "b", at: start)
        // One that has expired, or was revoked, gives its name free.
        let second = try await store.apiKeys.add(name: "a", at: start + 60)
        try await store.apiKeys.revoke(second.record.id)
        _ = try await store.apiKeys.add(name: "a", at: start + 61)
        #expect(try await store.apiKeys.list().count == 4)
        #expect(first.record.id != second.record.id)
    }

    @Test func `all keys of a name are revoked at once, and no others`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        // Two that are not revoked, as earlier versions made them.
        let expired = try await store.apiKeys.add(name: "a", expiresAt: start + 1, at: start)
        let valid = try await store.apiKeys.add(name: "a", at: start + 2)
        let other = try await store.apiKeys.add(name: "b", at: start)
        await #expect(throws: StorageError.self) { try await store.apiKeys.revoke("a") }
        let revoked = try await store.apiKeys.revokeAll(named: "a", at: start + 3)
        #expect(Set(revoked.map(\.id)) == [expired.record.id, valid.record.id])
        #expect(store.apiKeys.verify(valid.key, at: start + 4) == nil)
        #expect(store.apiKeys.verify(other.key, at: start + 4) != nil)
        await #expect(throws: StorageError.unknown(what: "API key", name: "a")) {
            try await store.apiKeys.revokeAll(named: "a")
        }
    }

    @Test func `names and scopes have limits`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let long = String(repeating: "x", count: 257)
        for (name, scopes) in [
            ("", []), (long, []), ("a", [""]), ("a", [long]), ("a", Array(repeating: "s", count: 41)),
        ] {
            await #expect(throws: StorageError.self) { try await store.apiKeys.add(name: name, scopes: scopes) }
        }
        #expect(try await store.apiKeys.list() == [])
    }

    @Test func `the key is neither in the files nor in what is printed`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let issued = try await store.apiKeys.add(name: "a")
        try await store.close()
        let secret = issued.key.dropFirst(issued.record.prefix.count)
        let bytes = try contents(of: store.path)
        #expect(bytes.range(of: Data(issued.record.prefix.utf8)) != nil)
        #expect(bytes.range(of: Data(secret.utf8)) == nil)
        var dumped = ""
        dump(issued, to: &dumped)
        for text in ["\(issued)", String(reflecting: issued), dumped, "\([issued])"] {
            #expect(!text.contains(secret))
        }
    }

    private func reopened(_ store: Store, in folder: TemporaryFolder) async throws -> Store {
        try await store.close()
        return try await folder.open()
    }
}
