import Foundation
import Testing

@testable import Storage

@Suite struct SecretStoreTests {
    @Test func `a secret is made once and kept`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let secret = try await store.secrets.secret("tokens")
        #expect(secret.bytes.count == 32)
        #expect(try await store.secrets.secret("tokens").bytes == secret.bytes)
        #expect(try await store.secrets.secret("other").bytes != secret.bytes)
        let beside = try await Keyring.open(Store.Configuration(path: store.path), logger: .silent)
        #expect(try await beside.secrets.secret("tokens").bytes == secret.bytes)
        let fromBeside = try await beside.secrets.secret("third").bytes
        try await beside.close()
        try await store.close()
        let again = try await folder.open()
        #expect(try await again.secrets.secret("tokens").bytes == secret.bytes)
        #expect(try await again.secrets.secret("third").bytes == fromBeside)
    }

    @Test func `of many that ask at once all get the same`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let beside = try await Keyring.open(Store.Configuration(path: store.path), logger: .silent)
        let found = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for index in 0..<20 {
                group.addTask { try await (index % 2 == 0 ? store.secrets : beside.secrets).secret("s").bytes }
            }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(found.count == 1)
        try await beside.close()
    }

    @Test func `a secret is not printed and its name has limits`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let secret = try await store.secrets.secret("s")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains(secret.bytes.map(String.init).joined(separator: ", ")))
            #expect(!text.contains("bytes"))
        }
        for name in ["", String(repeating: "x", count: 257)] {
            await #expect(throws: StorageError.self) { try await store.secrets.secret(name) }
        }
    }
}
