import CDescriptors
import Dispatch
import Glibc
import Synchronization

/// A thread for the calls of one engine which has a table of file descriptors of its own, empty but for the standard
/// three, of which standard error is kept apart (``EngineOutput``). However many descriptors the rest of the process has open, the engine can open its files; not every library
/// bears it when it cannot: one throws, another ends the process, a third speaks without its dictionary.
///
/// Nothing may be done on it that uses descriptors of the process, or starts threads for the rest of it: a thread shares
/// the descriptors of the one that started it. So no continuation is resumed there and nothing is dispatched.
final class EngineThread: Sendable {
    /// Why there is no such thread.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let desk: Desk
    /// What the engine's libraries write; nil when there were no descriptors for it.
    private let output: EngineOutput?

    /// Starts the thread for the engine called `engine`.
    init(of engine: String = "engine") throws(Failure) {
        let output = EngineOutput(of: engine)
        self.output = output
        desk = Desk(output)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(desk)
        let status = pthread_create(
            &thread,
            nil,
            { context in
                if let context { Unmanaged<Desk>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            },
            context.toOpaque()
        )
        guard status == 0 else {
            context.release()
            output?.hasBegun()
            output?.close()
            throw Failure(description: "no thread could be started: \(String(cString: strerror(status))).")
        }
        pthread_detach(thread)
        desk.awaitStart()
        output?.hasBegun()
    }

    /// Does `job` on the thread and waits for its end, then logs what libraries wrote to standard error meanwhile. Calls
    /// must come one after another.
    func run(_ job: @escaping @Sendable () -> Void) {
        desk.run(job)
        output?.report()
    }

    /// Does `job` on the thread after all others, then ends the thread. Does not wait.
    func end(_ job: @escaping @Sendable () -> Void) {
        desk.end(job)
        // Here and not when this object goes, which may be on the thread, where the number means another descriptor.
        output?.close()
    }

    /// Where jobs are laid down and taken up.
    private final class Desk: Sendable {
        private struct State {
            var job: (@Sendable () -> Void)?
            var isOver = false
        }

        private let output: EngineOutput?
        private let state = Mutex(State())
        // Semaphores, since the thread may resume nobody; who waits for it is on a thread for blocking work.
        private let wanted = DispatchSemaphore(value: 0)
        private let done = DispatchSemaphore(value: 0)

        init(_ output: EngineOutput?) { self.output = output }

        func awaitStart() { done.wait() }

        func run(_ job: @escaping @Sendable () -> Void) {
            state.withLock { $0.job = job }
            wanted.signal()
            done.wait()
        }

        func end(_ job: @escaping @Sendable () -> Void) {
            state.withLock { state in
                state.job = job
                state.isOver = true
            }
            wanted.signal()
        }

        /// What the thread does.
        func work() {
            // The descriptors are closed in the new table only. Where the kernel cannot or may not (before Linux 5.9, or in a
            // container that forbids it), the engine shares those of the process: it works as long as there are any left.
            if output?.begin() != true {
                _ = close_range(UInt32(STDERR_FILENO + 1), .max, ANTIPHON_CLOSE_RANGE_UNSHARE)
            }
            done.signal()
            while runNext() { done.signal() }
        }

        // A function of its own, so that all that a job holds is let go before its end is told.
        private func runNext() -> Bool {
            wanted.wait()
            let (job, isOver) = state.withLock { state in
                defer { state.job = nil }
                return (state.job, state.isOver)
            }
            job?()
            return !isOver
        }
    }
}
