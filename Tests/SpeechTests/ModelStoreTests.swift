import Foundation
import Testing

@testable import Speech

@Suite struct ModelStoreTests {
    /// The SHA-256 of "model".
    private static let file = ModelStore.File(
        path: "a.model",
        size: 5,
        sha256: "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"
    )

    @Test func `a file is read again only when it has changed`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: Self.file.path).path
        let date = Date(timeIntervalSince1970: 1_000_000)
        func write(_ text: String, at date: Date) throws {
            if !FileManager.default.fileExists(atPath: path) {
                try Data().write(to: URL(filePath: path))
            }
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
        }
        let models = ModelStore(folder: folder.path)
        #expect(models.availability(of: [Self.file]) != .available)
        try write("model", at: date)
        #expect(models.availability(of: [Self.file]) == .available)
        // Nothing tells of this change but the contents, so it shows that they are not read.
        try write("other", at: date)
        #expect(models.availability(of: [Self.file]) == .available)
        #expect(throws: ModelStore.Problem.self) { try models.verify([Self.file]) }
        try write("other", at: date + 1)
        #expect(models.availability(of: [Self.file]) != .available)
        try write("model", at: date + 2)
        #expect(models.availability(of: [Self.file]) == .available)
        try FileManager.default.removeItem(atPath: path)
        #expect(models.availability(of: [Self.file]) != .available)
    }
}
