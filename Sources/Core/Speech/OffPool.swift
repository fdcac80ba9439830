import Foundation

/// Threads for work that blocks, such as reading files: neither event loops nor part of the cooperative pool. A few
/// jobs run at a time, the others wait their turn.
public struct BlockingThreads: Sendable {
    /// For work that nothing else bounds.
    public static let shared = BlockingThreads(limit: 16)

    fileprivate let queue = OperationQueue()

    /// Threads on which at most `limit` jobs run at a time.
    public init(limit: Int) {
        queue.name = "antiphon.blocking"
        queue.maxConcurrentOperationCount = limit
    }
}

/// Runs blocking work on one of `threads`. Throws what the work throws.
public func offPool<Result: Sendable, Failure: Error>(
    on threads: BlockingThreads = .shared,
    _ work: @escaping @Sendable () throws(Failure) -> Result
) async throws(Failure) -> Result {
    let result = await withCheckedContinuation { continuation in
        threads.queue.addOperation { continuation.resume(returning: Swift.Result { () throws(Failure) in try work() }) }
    }
    return try result.get()
}
