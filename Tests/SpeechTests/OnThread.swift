import Foundation

/// Runs `work`, which blocks, on a thread of its own: the threads of pools are few, and tests that each wait for another
/// would wait for ever.
func onThread<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
