import Dispatch
import Glibc
import ServiceLifecycle
import Synchronization
import Telemetry

/// Ends a server that was told to stop and does not: when it is told again, or when it goes on for long after what has
/// begun should have been over. Waits on a thread of its own, so that nothing in the program keeps it from it.
///
/// What was acknowledged is stored, so only answers that are not out yet are lost.
final class LastResort: Service {
    // Unchecked because signal sources may be used on any thread, which only their type does not say.
    private struct Sources: @unchecked Sendable {
        let sources: [any DispatchSourceSignal]
    }

    private let ending: Ending
    private let sources = Mutex<Sources?>(nil)

    /// Gives what has begun `drain`.
    init(after drain: Duration) {
        ending = Ending(after: drain)
    }

    /// Signals count from here on, where those who stop the server listen too, for as long as this object lives.
    func run() async throws {
        let sources = Sources(
            sources: [SIGTERM, SIGINT].map { [ending] number in
                let source = DispatchSource.makeSignalSource(signal: number, queue: ending.queue)
                source.setEventHandler { ending.tell(number) }
                source.resume()
                return source
            }
        )
        self.sources.withLock { $0 = sources }
        try? await gracefulShutdown()
    }
}

/// Knows when the server was told to stop.
private final class Ending: Sendable {
    /// Whoever stops a program may signal it twice at once: a terminal and a script that forwards.
    private static let pause = Duration.seconds(1)
    /// What a server needs to stop once no request is left.
    private static let margin = Duration.seconds(15)

    let queue = DispatchQueue(label: "antiphon.last-resort")
    private let limit: Duration
    private let first = Mutex<ContinuousClock.Instant?>(nil)

    init(after drain: Duration) {
        limit = drain + Self.margin
    }

    func tell(_ number: Int32) {
        let first = first.withLock { first in
            defer { first = first ?? .now }
            return first
        }
        if let first {
            if .now - first > Self.pause { end("told to stop once more; ending at once", 128 + number) }
        } else {
            let seconds = Int(limit.components.seconds)
            queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [self] in
                end("not stopped after \(seconds) s; ending at once", 1)
            }
        }
    }

    private func end(_ message: String, _ status: Int32) -> Never {
        DescriptorLogOutput(descriptor: STDERR_FILENO).write("antiphon: \(message)")
        _exit(status)
    }
}
