import Foundation
import GRDB
import Testing
import TestRandom

@testable import Storage

@Suite(.timeLimit(.minutes(5))) struct GroupCommitTests {
    private struct Refusal: Error {}

    @Test func `writes that wait together are committed together`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let commits = Shared([Int]())
        try await store.countRows(in: "probe") { count in commits.withLock { $0.append(count) } }
        let gate = Gate()
        let first = await store.occupyWriter(gate)
        try await withThrowingTaskGroup { group in
            for id in 1...100 { group.addTask { try await store.insertProbe(id) } }
            while store.waitingWrites < 100, !Task.isCancelled { await Task.yield() }
            gate.open()
            try await group.waitForAll()
        }
        try await first.value
        #expect(commits.withLock { $0 } == [100])
        #expect(try await store.probes() == Set(1...100))
    }

    @Test func `a caller goes on only after the commit`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let gate = Gate()
        let connection = store.connection
        let isAcknowledged = Shared(false)
        let first = Task {
            try await store.insertProbe(1)
            isAcknowledged.withLock { $0 = true }
        }
        try await first.value
        isAcknowledged.withLock { $0 = false }
        // Two writes of one batch: the second holds up the commit, and with it the first.
        let occupied = Gate()
        let occupant = await store.occupyWriter(occupied)
        let early = Task {
            try await store.insertProbe(2)
            isAcknowledged.withLock { $0 = true }
        }
        while store.waitingWrites < 1, !Task.isCancelled { await Task.yield() }
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let late = Task {
            try await connection.write { _ in
                enter.finish()
                gate.pass()
            }
        }
        while store.waitingWrites < 2, !Task.isCancelled { await Task.yield() }
        occupied.open()
        for await _ in entered {}
        #expect(!isAcknowledged.withLock { $0 })
        #expect(try await store.probes() == [1])
        gate.open()
        try await late.value
        try await early.value
        try await occupant.value
        #expect(try await store.probes() == [1, 2])
    }

    @Test(arguments: 1...4) func `what was acknowledged is stored and what failed is not`(seed: Int) async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open { $0.batchLimit = 50 }
        try await store.makeProbe()
        let connection = store.connection
        let acknowledged = try await withThrowingTaskGroup { group in
            for worker in 0..<32 {
                group.addTask {
                    var random = SeededGenerator(seed: UInt64(seed * 100 + worker))
                    var mine: Set<Int> = []
                    for number in 0..<40 {
                        let id = worker * 1000 + number
                        let fate = Int.random(in: 0..<5, using: &random)
                        do {
                            try await connection.write { database in
                                if fate == 0 { throw Refusal() }
                                try database.execute(sql: "INSERT INTO probe (id) VALUES (?)", arguments: [id])
                                if fate == 1 { throw Refusal() }
                                // Breaks the constraint of the primary key.
                                if fate == 2 { try database.execute(sql: "INSERT INTO probe (id) VALUES (\(id))") }
                            }
                            mine.insert(id)
                            #expect(fate > 2)
                        } catch is Refusal {
                            #expect(fate < 2)
                        } catch is StorageError {
                            #expect(fate == 2)
                        }
                    }
                    return mine
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
        }
        #expect(!acknowledged.isEmpty)
        #expect(try await store.probes() == acknowledged)
    }

    @Test func `ten thousand writers find a queue that takes a thousand`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open { $0.waitingWriteLimit = 1000 }
        try await store.makeProbe()
        let gate = Gate()
        let occupant = await store.occupyWriter(gate)
        let refused = Shared(0)
        let acknowledged = await withTaskGroup { group in
            for id in 1...10_000 {
                group.addTask { () -> Int? in
                    do {
                        try await store.insertProbe(id)
                        return id
                    } catch StorageError.busy(let retryAfter) {
                        #expect(retryAfter > .zero)
                        // The last one to be refused lets the others go.
                        let count = refused.withLock {
                            $0 += 1
                            return $0
                        }
                        if count == 9000 { gate.open() }
                    } catch {
                        Issue.record(error)
                    }
                    return nil
                }
            }
            return await group.reduce(into: Set<Int>()) { if let id = $1 { $0.insert(id) } }
        }
        try await occupant.value
        #expect(refused.withLock { $0 } == 9000)
        #expect(acknowledged.count == 1000)
        #expect(try await store.probes() == acknowledged)
        #expect(store.waitingWrites == 0)
    }

    @Test func `a read sees the last commit while a write is under way`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        try await store.insertProbe(1)
        let gate = Gate()
        let connection = store.connection
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let write = Task {
            try await connection.write { database in
                try database.execute(sql: "INSERT INTO probe (id) VALUES (2)")
                enter.finish()
                gate.pass()
            }
        }
        for await _ in entered {}
        #expect(try await store.probes() == [1])
        gate.open()
        try await write.value
        #expect(try await store.probes() == [1, 2])
    }

    @Test func `a write that waits is not done when its task is cancelled`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let gate = Gate()
        let occupant = await store.occupyWriter(gate)
        let write = Task { try await store.insertProbe(1) }
        while store.waitingWrites < 1, !Task.isCancelled { await Task.yield() }
        write.cancel()
        // The gate is shut still: the caller does not wait for the transaction.
        await #expect(throws: CancellationError.self) { try await write.value }
        gate.open()
        try await occupant.value
        #expect(try await store.probes() == [])
    }

    @Test func `a write of a cancelled task is not begun`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let gate = Gate()
        let occupant = await store.occupyWriter(gate)
        let write = Task {
            while !Task.isCancelled { await Task.yield() }
            try await store.insertProbe(1)
        }
        write.cancel()
        await #expect(throws: CancellationError.self) { try await write.value }
        gate.open()
        try await occupant.value
        #expect(try await store.probes() == [])
    }

    @Test func `a write in a transaction is reported as it went, cancelled or not`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        for isCancelled in [false, true] {
            let gate = Gate()
            let connection = store.connection
            let (entered, enter) = AsyncStream.makeStream(of: Void.self)
            let id = isCancelled ? 1 : 2
            let write = Task {
                try await connection.write { database in
                    enter.finish()
                    gate.pass()
                    try database.execute(sql: "INSERT INTO probe (id) VALUES (?)", arguments: [id])
                    return database.changesCount
                }
            }
            for await _ in entered {}
            if isCancelled { write.cancel() }
            gate.open()
            #expect(try await write.value == 1)
        }
        #expect(try await store.probes() == [1, 2])
    }

    @Test func `cancelling at any time leaves no caller behind`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open { $0.batchLimit = 3 }
        try await store.makeProbe()
        let tasks = (0..<1000).map { id in Task { try await store.insertProbe(id) } }
        for (id, task) in tasks.enumerated() where id % 2 == 0 {
            if id % 20 == 0 { await Task.yield() }
            task.cancel()
        }
        var acknowledged: Set<Int> = []
        for (id, task) in tasks.enumerated() {
            switch await task.result {
            case .success: acknowledged.insert(id)
            case .failure(let error): #expect(error is CancellationError && id % 2 == 0)
            }
        }
        #expect(try await store.probes() == acknowledged)
    }

    @Test func `a full disk fails the batch and harms nothing that was acknowledged`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        try await store.insertProbe(1)
        try await setRoom(of: store, pages: 4)
        let gate = Gate()
        let occupant = await store.occupyWriter(gate)
        let acknowledged = try await withThrowingTaskGroup { group in
            for id in 2...30 {
                group.addTask { () -> Int? in
                    do {
                        try await store.insertProbe(id, text: String(repeating: "x", count: 3000))
                        return id
                    } catch StorageError.diskFull {
                        return nil
                    }
                }
            }
            while store.waitingWrites < 29, !Task.isCancelled { await Task.yield() }
            gate.open()
            return try await group.reduce(into: Set([1])) { if let id = $1 { $0.insert(id) } }
        }
        try await occupant.value
        #expect(acknowledged.count < 30)
        #expect(try await store.probes() == acknowledged)
        try await setRoom(of: store, pages: 1000)
        try await store.insertProbe(100)
        #expect(try await store.probes() == acknowledged.union([100]))
    }

    @Test func `closing commits what waits and refuses what comes`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let gate = Gate()
        let occupant = await store.occupyWriter(gate)
        let waiting = Task { try await store.insertProbe(1) }
        while store.waitingWrites < 1, !Task.isCancelled { await Task.yield() }
        let closing = Task { try await store.close() }
        // Refused from the moment of closing, which the other task reaches in its own time.
        var error: StorageError?
        while error == nil, !Task.isCancelled {
            do {
                let probe = Task { try await store.connection.write { _ in } }
                await Task.yield()
                probe.cancel()
                try await probe.value
            } catch let refusal as StorageError {
                error = refusal
            } catch is CancellationError {}
        }
        #expect(error == .closed(path: store.path))
        gate.open()
        try await occupant.value
        try await waiting.value
        try await closing.value
        try await store.close()
        await #expect(throws: StorageError.closed(path: store.path)) { try await store.probes() }
        await #expect(throws: StorageError.closed(path: store.path)) { try await store.checkpoint() }
        await #expect(throws: StorageError.closed(path: store.path)) { try await store.backup(to: folder.file("copy")) }
        let again = try await folder.open()
        #expect(try await again.probes() == [1])
    }

    private func setRoom(of store: Store, pages: Int) async throws {
        try await store.connection.write { database in
            let used = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(used + pages)")
        }
    }
}
