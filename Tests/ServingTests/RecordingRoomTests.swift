import HTTPTypes
import Speech
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct RecordingRoomTests {
    @Test func `recordings that together need far more than there is are all decoded`() async throws {
        let room = RecordingRoom(largest: 100, count: 2, decoders: 3, waiting: 100)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let place = try await room.enter()
                    try await offPool(on: room.threads) {
                        for _ in 0..<10 { try place.grow(by: number % 10 + 1) }
                    }
                    place.isDecoded()
                    #expect(room.taken <= 200)
                    await Task.yield()
                    withExtendedLifetime(place) {}
                }
            }
            try await group.waitForAll()
        }
        #expect(room.taken == 0)
    }

    @Test func `one too many is refused, and one that waits goes when it is cancelled`() async throws {
        let room = RecordingRoom(largest: 100, count: 1, decoders: 1, waiting: 1)
        var first: RecordingRoom.Place? = try await room.enter()
        try first?.grow(by: 100)
        // Two more: one waits, the other is refused, whichever comes first.
        let (refusals, refused) = AsyncStream.makeStream(of: APIFailure.self)
        let others = (0..<2).map { _ in
            Task {
                do {
                    return try await room.enter()
                } catch let failure as APIFailure {
                    refused.yield(failure)
                    throw failure
                }
            }
        }
        var iterator = refusals.makeAsyncIterator()
        let failure = await iterator.next()
        #expect(failure?.status == .serviceUnavailable)
        #expect(failure?.retryAfter != nil)
        others.forEach { $0.cancel() }
        for other in others { await #expect(throws: (any Error).self) { try await other.value } }
        // Its place in the line is free again.
        let next = Task { try await room.enter() }
        first = nil
        try await next.value.grow(by: 100)
        withExtendedLifetime(first) {}
    }

    @Test func `a thread that waits for memory is woken by a cancellation`() async throws {
        let room = RecordingRoom(largest: 100, count: 1, decoders: 2, waiting: 1)
        let first = try await room.enter()
        let second = try await room.enter()
        try first.grow(by: 60)
        let (waits, begin) = AsyncStream<Void>.makeStream()
        let waiting = Task {
            try await withTaskCancellationHandler {
                try await offPool(on: room.threads) {
                    begin.yield()
                    try second.grow(by: 50)
                }
            } onCancel: {
                second.cancel()
            }
        }
        for await _ in waits.prefix(1) {}
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try first.grow(by: 40)
        #expect(room.taken == 100)
    }

    @Test func `a cancelled recording does not begin to wait`() async throws {
        let room = RecordingRoom(largest: 100)
        let place = try await room.enter()
        place.cancel()
        #expect(throws: CancellationError.self) { try place.grow(by: 0) }
        let cancelled = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await room.enter()
        }
        await #expect(throws: CancellationError.self) { try await cancelled.value }
    }
}
