import Foundation
import Testing

@testable import Storage

@Suite struct TopicStoreTests {
    private func publication(
        _ number: Int64,
        of topic: String = "a",
        epoch: String = "e",
        state: String? = nil,
        removes: Bool = false,
        key: String? = nil
    ) -> StoredPublication {
        StoredPublication(
            topic: topic,
            epoch: epoch,
            offset: number,
            type: "custom",
            data: Data("{}".utf8),
            timestamp: number * 1000,
            stateKey: state,
            isRemoval: removes,
            idempotencyKey: key
        )
    }

    private func numbers(_ store: Store, _ topic: String = "a", epoch: String = "e") async throws -> [Int64] {
        try await store.topics.publications(of: topic, epoch: epoch).map(\.offset)
    }

    @Test func `what is released goes, but for the last word on each entry of the state`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let words: [(String?, Bool)] = [
            (nil, false), ("k", false), ("l", false), ("k", false), ("l", true), (nil, false),
        ]
        try await store.topics.append(
            words.enumerated().map { publication(Int64($0.offset + 1), state: $0.element.0, removes: $0.element.1) }
        )
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 5)])
        #expect(try await numbers(store) == [4, 5, 6])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 5)])
        #expect(try await numbers(store) == [4, 6])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 5, keepsState: false)])
        #expect(try await numbers(store) == [6])
        try await store.close()
    }

    @Test func `a removal stays as long as there is something that it removes`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.topics.append([
            publication(1, state: "k", key: "x"), publication(2, state: "k", removes: true), publication(3),
        ])
        // The first one stays for its key.
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 2, keys: 10, keysSince: 0)])
        #expect(try await numbers(store) == [1, 2, 3])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 2, keys: 10, keysSince: 5000)])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 2, keys: 10, keysSince: 5000)])
        #expect(try await numbers(store) == [3])
        try await store.close()
    }

    @Test func `keys stay for their time, and only the newest of them`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.topics.append((1...10).map { publication($0, key: $0 == 6 ? nil : "key \($0)") })
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 8, keys: 100, keysSince: 4000)])
        #expect(try await numbers(store) == [4, 5, 7, 8, 9, 10])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 8, keys: 3, keysSince: 0)])
        #expect(try await numbers(store) == [8, 9, 10])
        try await store.close()
    }

    @Test func `what another epoch left goes, and a topic that began anew stays`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.topics.append([publication(1, epoch: "old", state: "k"), publication(1)])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 0)])
        #expect(try await numbers(store, epoch: "old").isEmpty)
        #expect(try await numbers(store) == [1])
        try await store.topics.trim([.init(topic: "a", epoch: "old", offset: 1, isRemoved: true)])
        #expect(try await store.topics.positions().map(\.epoch) == ["e"])
        try await store.topics.trim([.init(topic: "a", epoch: "e", offset: 1, isRemoved: true)])
        #expect(try await store.topics.positions().isEmpty)
        #expect(try await numbers(store).isEmpty)
        try await store.close()
    }

    @Test func `a topic is read a part at a time, from either end`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.topics.append((1...10).map { publication($0) } + [publication(3, of: "b")])
        func numbers(_ range: ClosedRange<Int64>, newest: Bool, count: Int = 100, bytes: Int = 100) async throws
            -> [Int64]
        {
            try await store.topics.publications(
                of: "a",
                epoch: "e",
                numbers: range,
                prefersNewest: newest,
                maximumCount: count,
                maximumBytes: bytes
            ).map(\.offset)
        }
        #expect(try await numbers(3...8, newest: false) == [3, 4, 5, 6, 7, 8])
        #expect(try await numbers(3...8, newest: false, count: 2) == [3, 4])
        #expect(try await numbers(3...8, newest: true, count: 2) == [7, 8])
        // Each has two bytes; the one that reaches the limit is the last.
        #expect(try await numbers(1...10, newest: false, bytes: 3) == [1, 2])
        #expect(try await numbers(1...10, newest: true, bytes: 1) == [10])
        #expect(try await numbers(11...20, newest: true).isEmpty)
        try await store.close()
    }
}
