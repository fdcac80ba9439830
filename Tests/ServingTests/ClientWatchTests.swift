import NIOCore
import NIOEmbedded
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct ClientWatchTests {
    @Test func `a client that has gone away before the watch begins ends the work`() async throws {
        let channel = NIOAsyncTestingChannel()
        try await channel.close()
        let watch = ClientWatch(channel)
        await #expect(throws: CancellationError.self) {
            try await watch.run { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    @Test func `a client that goes away ends the work, and what is begun later`() async throws {
        let channel = NIOAsyncTestingChannel()
        let watch = ClientWatch(channel)
        let (begins, begin) = AsyncStream<Void>.makeStream()
        let work = Task {
            try await watch.run {
                begin.yield()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        for await _ in begins.prefix(1) {}
        try await channel.close()
        await #expect(throws: CancellationError.self) { try await work.value }
        await #expect(throws: CancellationError.self) {
            try await watch.run { try await Task.sleep(for: .seconds(3600)) }
        }
    }

    @Test func `as long as the client stays the work has its result`() async throws {
        let channel = NIOAsyncTestingChannel()
        let watch = ClientWatch(channel)
        for number in 0..<3 {
            #expect(try await watch.run { number } == number)
        }
    }
}
