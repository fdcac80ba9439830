import Foundation
import Synchronization
import TestProcess

/// A Redis server of its own for a test: on a free port, without storage, stopped when the value goes away.
public final class RedisServer: Sendable {
    /// Where the program must be.
    public static let executable = "/usr/bin/redis-server"
    /// Whether tests with a real server can run on this machine.
    public static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: executable) }
    /// Why they cannot.
    public static let reason = "\(executable) is missing: install redis-server to run this test"

    /// The port of 127.0.0.1 on which it listens.
    public let port: Int
    /// Where it is, as a URL.
    public var url: String { "redis://127.0.0.1:\(port)" }
    private let arguments: [String]
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let shell: TestProcess
        /// Open as long as this process lives.
        let life: Int32
        let server: pid_t
    }

    /// Starts a server.
    public init(arguments: [String] = [], port: Int? = nil) throws {
        self.port = try port ?? Self.freePort()
        self.arguments = arguments
        try start()
    }

    deinit { stop() }

    /// Starts the server again, on the same port; returns when it accepts connections.
    public func start() throws {
        // The shell ends the server when this process ends, however that happens: its input ends then. The output ends
        // with the server.
        let script = """
            "$@" & server=$!
            exec >/dev/null 2>&1
            cat
            kill -KILL $server
            """
        let (life, log) = (TestProcess.pipe(), TestProcess.pipe())
        let shell = try TestProcess(
            "/bin/sh",
            ["-c", script, "redis", Self.executable, "--port", "\(port)", "--bind", "127.0.0.1"]
                + ["--save", "", "--appendonly", "no", "--daemonize", "no"] + arguments,
            input: life.readEnd,
            output: log.writeEnd,
            errors: log.writeEnd
        )
        close(life.readEnd)
        close(log.writeEnd)
        // Who reads no more of the log does not hold up a server.
        defer { close(log.readEnd) }
        let server: pid_t
        do {
            server = try Self.number(ofServerLogging: log.readEnd)
        } catch {
            close(life.writeEnd)
            shell.wait()
            throw error
        }
        running.withLock { $0 = Running(shell: shell, life: life.writeEnd, server: server) }
    }

    /// Kills the server and waits until it is gone.
    public func stop() {
        running.withLock { running in
            guard let server = running else { return }
            kill(server.server, SIGKILL)
            close(server.life)
            server.shell.wait()
            running = nil
        }
    }

    /// Stops the server in its tracks: connections stay open, nothing is answered.
    public func pause() { signal(SIGSTOP) }

    /// Lets a paused server go on.
    public func resume() { signal(SIGCONT) }

    /// Has an operator's command carried out, such as `CLIENT KILL TYPE pubsub`, and waits for its end.
    public func administer(_ arguments: String...) throws {
        try TestProcess.run("/usr/bin/redis-cli", ["-p", "\(port)"] + arguments)
    }

    /// Reads what a server writes until it accepts connections.
    private static func number(ofServerLogging log: Int32) throws -> pid_t {
        var text = ""
        while !text.contains("Ready to accept connections") {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(log, &bytes, bytes.count)
            guard count > 0 else { throw StartFailure(log: text) }
            text += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        guard let number = text.firstMatch(of: /pid=(\d+)/)?.1, let id = pid_t(number) else {
            throw StartFailure(log: text)
        }
        return id
    }

    private func signal(_ number: Int32) {
        running.withLock { running in
            if let running { kill(running.server, number) }
        }
    }

    /// The server ended instead of accepting connections.
    public struct StartFailure: Error {
        /// What it wrote.
        public let log: String
    }

    /// A port that nobody listens on at the moment.
    public static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, getsockname(descriptor, generic, &length) == 0 else {
                    throw POSIXError(.EADDRINUSE)
                }
                return Int(UInt16(bigEndian: pointer.pointee.sin_port))
            }
        }
    }
}
