import Logging
import NIOCore
import ServiceLifecycle

/// Tells the service manager again and again that the server is alive, as long as every event loop does its work.
///
/// A loop that hangs keeps the message back, so that the service manager starts the server anew.
struct Watchdog: Service {
    let manager: ServiceManager
    let loops: any EventLoopGroup
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Twice in the time allowed, as sd_watchdog_enabled(3) recommends.
            while let pause = manager.watchdog.map({ $0 / 2 }), !Task.isCancelled {
                for loop in loops.makeIterator() { try? await loop.submit {}.get() }
                if !manager.tell(.alive) { logger.debug("the service manager did not take a message") }
                try? await Task.sleep(for: pause)
            }
        }
        try? await gracefulShutdown()
    }
}
