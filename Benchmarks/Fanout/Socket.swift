import Glibc

/// What the load could not do, in one sentence.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    /// `description` and the system's reason.
    static func system(_ description: String) -> LoadError {
        LoadError("\(description): \(String(cString: strerror(errno)))")
    }
}

/// Non-blocking TCP sockets to a server on this machine.
enum Socket {
    /// Begins to connect to `port` of 127.0.0.1. The `number`s of sockets are spread over source addresses, because one
    /// address has no more than 28,000 ports to connect from.
    static func connect(to port: UInt16, number: Int, receiveBuffer: Int32? = nil) throws -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Glibc.socket(AF_INET, type, 0)
        guard socket >= 0 else { throw LoadError.system("cannot open a socket (see `ulimit -n`)") }
        do {
            try set(IP_BIND_ADDRESS_NO_PORT, of: Int32(IPPROTO_IP), to: 1, on: socket)
            try set(TCP_NODELAY, of: Int32(IPPROTO_TCP), to: 1, on: socket)
            if let receiveBuffer { try set(SO_RCVBUF, of: SOL_SOCKET, to: receiveBuffer, on: socket) }
            // 127.0.1.1 to 127.0.1.32.
            var source = address(0x7F00_0101 + UInt32(number % 32), port: 0)
            guard call(&source, { bind(socket, $0, $1) }) == 0 else { throw LoadError.system("cannot bind a socket") }
            var server = address(0x7F00_0001, port: port)
            guard call(&server, { Glibc.connect(socket, $0, $1) }) == 0 || errno == EINPROGRESS else {
                throw LoadError.system("cannot connect to port \(port)")
            }
        } catch {
            close(socket)
            throw error
        }
        return socket
    }

    /// Closes `socket`; `abruptly` without a farewell, by which the server is told with a reset.
    static func close(_ socket: Int32, abruptly: Bool = false) {
        if abruptly {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        }
        Glibc.close(socket)
    }

    /// Sends all of `bytes`, which must be few enough for the socket's empty buffer.
    static func send(_ bytes: [UInt8], on socket: Int32) -> Bool {
        Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Whether connecting has succeeded.
    static func isConnected(_ socket: Int32) -> Bool {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0
    }

    private static func set(_ option: Int32, of level: Int32, to value: Int32, on socket: Int32) throws {
        var value = value
        guard setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw LoadError.system("cannot set an option of a socket")
        }
    }

    private static func address(_ host: UInt32, port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return address
    }

    private static func call(_ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32)
        -> Int32
    {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}

/// Nanoseconds of the monotonic clock.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
