import Dispatch

/// Runs blocking work, such as decoding a sound file, on a thread that is neither an event loop nor part of the
/// cooperative pool. Throws what the work throws.
public func offPool<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Swift.Result { try work() }) }
    }
}
