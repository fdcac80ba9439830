import Foundation

/// Runs blocking work, such as decoding a sound file, on a thread that is neither an event loop nor part of the
/// cooperative pool. A few run at a time, the others wait their turn. Throws what the work throws.
public func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        blockingWork.addOperation { continuation.resume(with: Swift.Result { try work() }) }
    }
}

/// What is decoded at the same time lies in memory at the same time.
private let blockingWork: OperationQueue = {
    let queue = OperationQueue()
    queue.name = "antiphon.blocking"
    queue.maxConcurrentOperationCount = 4
    return queue
}()
