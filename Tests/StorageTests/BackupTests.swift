import Foundation
import Testing

@testable import Storage

@Suite struct BackupTests {
    @Test func `a backup holds what was committed before it, while writing goes on`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        for id in 0..<100 { try await store.insertProbe(id) }
        let writer = Task {
            var id = 100
            while !Task.isCancelled {
                try await store.insertProbe(id)
                id += 1
            }
        }
        try await store.backup(to: folder.file("backups/copy.sqlite"))
        writer.cancel()
        _ = await writer.result
        #expect(try mode(of: folder.file("backups/copy.sqlite")) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("backups")) == ["copy.sqlite"])
        let copy = try await folder.open("backups/copy.sqlite")
        let found = try await copy.probes()
        #expect(found.isSuperset(of: 0..<100))
        #expect(found == Set(0...(found.max() ?? 0)))
        #expect(try await store.probes().isSuperset(of: found))
    }

    @Test func `a backup replaces no file`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let path = folder.file("precious")
        try Data("x".utf8).write(to: URL(fileURLWithPath: path))
        await #expect(throws: StorageError.alreadyExists(what: "file", name: path)) { try await store.backup(to: path) }
        await #expect(throws: StorageError.alreadyExists(what: "file", name: store.path)) {
            try await store.backup(to: store.path)
        }
        #expect(try contents(of: path) == Data("x".utf8))
    }
}
