import Crypto
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
        #expect(throws: ModelStore.Problem.self) { _ = try models.copy(Self.file).path }
        try write("other", at: date + 1)
        #expect(models.availability(of: [Self.file]) != .available)
        try write("model", at: date + 2)
        #expect(models.availability(of: [Self.file]) == .available)
        try FileManager.default.removeItem(atPath: path)
        #expect(models.availability(of: [Self.file]) != .available)
    }

    /// Calls `body` with a store in a folder of its own and the path of the file in it, which is as it should be.
    private func withStore(_ body: (ModelStore, String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: Self.file.path).path
        try Data("model".utf8).write(to: URL(filePath: path))
        try body(ModelStore(folder: folder.path), path)
    }

    @Test func `a copy stays as it was checked, whatever becomes of the file`() throws {
        try withStore { models, path in
            let copy = try models.copy(Self.file)
            for change in [
                { truncate(path, 0) }, { truncate(path, 4096) }, { unlink(path) }, { mkdir(path, 0o700) },
            ] as [() -> Int32] {
                #expect(change() == 0)
                #expect(try Data(contentsOf: URL(filePath: copy.path)) == Data("model".utf8))
                #expect(try copy.withBytes { Data($0) } == Data("model".utf8))
            }
        }
    }

    @Test func `nobody can change a copy`() throws {
        try withStore { models, _ in
            let copy = try models.copy(Self.file)
            let descriptor = open(copy.path, O_RDWR | O_CLOEXEC)
            defer { close(descriptor) }
            #expect(descriptor >= 0)
            #expect(write(descriptor, "x", 1) == -1)
            #expect(ftruncate(descriptor, 1) == -1)
            #expect(ftruncate(descriptor, 4096) == -1)
            #expect(mmap(nil, 5, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) == MAP_FAILED)
        }
    }

    @Test func `what is not the expected file is not copied`() throws {
        let changes: [(name: String, (String) -> Int32)] = [
            ("shorter", { truncate($0, 4) }), ("empty", { truncate($0, 0) }), ("longer", { truncate($0, 6) }),
            ("missing", { unlink($0) }), ("a folder", { unlink($0) + mkdir($0, 0o700) }),
            ("a pipe", { unlink($0) + mkfifo($0, 0o600) }), ("a device", { unlink($0) + symlink("/dev/zero", $0) }),
            ("a link to nothing", { unlink($0) + symlink("/nonexistent", $0) }),
            ("a link to itself", { unlink($0) + symlink($0, $0) }),
            (
                "other bytes",
                { path in
                    guard let file = fopen(path, "r+") else { return -1 }
                    fputs("mode1", file)
                    return fclose(file)
                }
            ),
        ]
        for (name, change) in changes {
            try withStore { models, path in
                #expect(change(path) == 0, "\(name)")
                do throws(ModelStore.Problem) {
                    _ = try models.copy(Self.file).path
                    Issue.record("copied: \(name)")
                } catch {
                    #expect(error.description.contains(path), "\(name)")
                }
                #expect(models.availability(of: [Self.file]) != .available, "\(name)")
            }
        }
    }

    @Test func `a file that changes while it is copied is refused, or the copy is of the time before`() async throws {
        let size = 3 << 20
        let content = Data(repeating: 7, count: size)
        let file = ModelStore.File(
            path: "large.model",
            size: size,
            sha256: SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
        )
        let folder = FileManager.default.temporaryDirectory.appending(path: "models-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appending(path: file.path)
        try content.write(to: url)
        let models = ModelStore(folder: folder.path)
        let isOver = CancellationFlag()
        async let changes: Void = onThread {
            var random = SystemRandomNumberGenerator()
            while !isOver.isCancelled {
                guard let handle = FileHandle(forUpdatingAtPath: url.path) else { return }
                defer { try? handle.close() }
                let place = UInt64.random(in: 0..<UInt64(size), using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: try? handle.truncate(atOffset: place)
                case 1:
                    try? handle.seek(toOffset: place)
                    try? handle.write(contentsOf: Data([8]))
                default: break
                }
                // As it was, in the same file.
                try? handle.seek(toOffset: 0)
                try? handle.write(contentsOf: content)
            }
        }
        let outcomes = await onThread {
            (0..<60).map { _ -> Bool in
                guard let copy = try? models.copy(file) else { return false }
                #expect((try? copy.withBytes { Data($0) == content }) == true)
                return true
            }
        }
        isOver.cancel()
        await changes
        #expect(outcomes.contains(false))
        #expect((try? models.copy(file).path) != nil)
    }
}
