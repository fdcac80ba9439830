import Foundation
import Testing

@testable import Storage

@Suite struct DurabilityTests {
    @Test func `a copy of the files at any moment holds what was acknowledged`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        var acknowledged: Set<Int> = []
        for round in 0..<5 {
            let ids = Set(round * 100..<round * 100 + 100)
            try await withThrowingTaskGroup { group in
                for id in ids { group.addTask { try await store.insertProbe(id) } }
                try await group.waitForAll()
            }
            acknowledged.formUnion(ids)
            // The log and the file as they are now, as a killed process leaves them; without the shared memory.
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: store.path + suffix,
                    toPath: folder.file("copy\(round).sqlite" + suffix)
                )
            }
            let copy = try await folder.open("copy\(round).sqlite")
            #expect(try await copy.probes() == acknowledged)
            try await copy.close()
        }
    }

    @Test func `a torn end of the log costs no acknowledged write before it`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        for id in 1...20 { try await store.insertProbe(id) }
        let log = try contents(of: store.path + "-wal")
        for id in 21...40 { try await store.insertProbe(id) }
        let longer = try contents(of: store.path + "-wal")
        #expect(longer.count > log.count)
        for cut in [log.count, log.count + 1, log.count + 1000, longer.count - 1] {
            let name = "torn\(cut).sqlite"
            try FileManager.default.copyItem(atPath: store.path, toPath: folder.file(name))
            try longer.prefix(cut).write(to: URL(fileURLWithPath: folder.file(name + "-wal")))
            let copy = try await folder.open(name)
            let found = try await copy.probes()
            #expect(found.isSuperset(of: 1...20))
            #expect(found == Set(1...(found.max() ?? 0)))
            try await copy.close()
        }
    }

    @Test func `a killed process has stored what it acknowledged`() async throws {
        let folder = try TemporaryFolder()
        let (path, account) = (folder.file("test.sqlite"), folder.file("acknowledged"))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, account = account as String] in
            let store = try await Store.open(Store.Configuration(path: path), logger: .silent)
            try await store.makeProbe()
            let file = open(account, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            let count = Shared(0)
            try await withThrowingTaskGroup { group in
                for worker in 0..<32 {
                    group.addTask {
                        for number in 0... {
                            let id = worker * 1_000_000 + number
                            try await store.insertProbe(id)
                            let line = Array("\(id)\n".utf8)
                            _ = write(file, line, line.count)
                            let acknowledged = count.withLock {
                                $0 += 1
                                return $0
                            }
                            if acknowledged == 2000 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let text = String(decoding: try contents(of: account), as: UTF8.self)
        let acknowledged = Set(text.split(separator: "\n").compactMap { Int($0) })
        #expect(acknowledged.count >= 2000)
        let log = LogRecorder()
        let store = try await folder.open(logger: log.logger)
        #expect(try await store.probes().isSuperset(of: acknowledged))
        #expect(log.messages == ["The database was not closed the last time; checking it"])
    }
}
