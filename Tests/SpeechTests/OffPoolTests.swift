import Foundation
import Synchronization
import Testing

@testable import Speech

@Suite(.timeLimit(.minutes(5))) struct OffPoolTests {
    private struct Failure: Error, Equatable {}

    @Test func `what the work returns or throws comes back`() async {
        #expect(await offPool { 7 } == 7)
        await #expect(throws: Failure()) { try await offPool { throw Failure() } }
    }

    @Test func `no more jobs run at a time than the threads allow`() async {
        let threads = BlockingThreads(limit: 2)
        final class Counter: Sendable {
            let counts = Mutex((running: 0, most: 0))
        }
        let counter = Counter()
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    await offPool(on: threads) {
                        counter.counts.withLock {
                            $0.running += 1
                            $0.most = max($0.most, $0.running)
                        }
                        // Long enough for the others to come in if they could.
                        Thread.sleep(forTimeInterval: 0.01)
                        counter.counts.withLock { $0.running -= 1 }
                    }
                }
            }
        }
        #expect(counter.counts.withLock { $0.most } <= 2)
    }
}
