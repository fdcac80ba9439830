import Crypto
import Foundation
import TestProcess
import Testing

@testable import Speech

/// Libraries that are made for the test, in a folder of models.
@Suite struct EngineLibrariesTests {
    private typealias Function = @convention(c) () -> Int32

    /// A library whose function `answer` returns `number`, or twice what `base` of `runtime` returns. When it is loaded
    /// it makes the file `mark`.
    private func make(
        _ name: String,
        number: Int,
        runtime: String? = nil,
        mark: String = "",
        in folder: String
    ) throws -> ModelStore.File {
        let source = """
            #include <fcntl.h>
            #include <unistd.h>
            int base(void)\(runtime == nil ? " { return \(number); }" : ";")
            int answer(void) { return \(runtime == nil ? "\(number)" : "2 * base()"); }
            __attribute__((constructor)) static void mark(void) {
              if (*"\(mark)") close(open("\(mark)", O_CREAT | O_WRONLY, 0600));
            }
            """
        try source.write(toFile: "\(folder)/\(name).c", atomically: true, encoding: .utf8)
        let others = runtime.map { ["\(folder)/\($0)"] } ?? []
        try #require(
            try TestProcess.run(
                "clang",
                ["-shared", "-fPIC", "-Wl,-soname,\(name)", "-o", "\(folder)/\(name)", "\(folder)/\(name).c"] + others
            ) == 0
        )
        let content = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
        return ModelStore.File(
            path: name,
            size: content.count,
            sha256: SHA256.hash(data: content).map { String(format: "%02x", $0) }.joined()
        )
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "libraries-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    @Test func `libraries serve from their copies when their files are gone`() throws {
        try withFolder { folder in
            let models = ModelStore(folder: folder)
            let unique = UUID().uuidString
            // Two that need different run-time libraries, in which the same function returns different numbers.
            let answers = try [3, 5].map { number in
                let runtime = try make("librun\(number)-\(unique).so", number: number, in: folder)
                let file = try make("libuser\(number)-\(unique).so", number: 0, runtime: runtime.path, in: folder)
                let library = try EngineLibraries.load(file, needing: runtime, from: models)
                #expect(truncate(models.path(runtime), 0) == 0)
                #expect(truncate(models.path(file), 0) == 0)
                // It is not read again.
                _ = try EngineLibraries.load(file, needing: runtime, from: models)
                return try library.function("answer", as: Function.self)
            }
            #expect(answers.map { $0() } == [6, 10])
        }
    }

    @Test func `a library with another SHA-256 is never loaded`() throws {
        try withFolder { folder in
            let models = ModelStore(folder: folder)
            let mark = "\(folder)/mark"
            let runtime = try make("librun-\(UUID().uuidString).so", number: 3, in: folder)
            let file = try make("libuser-\(UUID().uuidString).so", number: 4, mark: mark, in: folder)
            let handle = try #require(fopen(models.path(file), "r+"))
            fseek(handle, -1, SEEK_END)
            fputc(0x7F, handle)
            fclose(handle)
            do {
                _ = try EngineLibraries.load(file, needing: runtime, from: models)
                Issue.record("loaded")
            } catch let problem as ModelStore.Problem {
                #expect(problem.description.contains("wrong SHA-256"))
            }
            #expect(access(mark, F_OK) != 0)
            // The loader would have taken it.
            _ = try DynamicLibrary(models.path(file))
            #expect(access(mark, F_OK) == 0)
        }
    }
}
