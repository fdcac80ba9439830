import Glibc

/// The service manager that started the server and wants to be told how it is: systemd with `Type=notify` or
/// `Type=notify-reload`, or another one that speaks the protocol of sd_notify(3).
///
/// Each message is one datagram to the socket that `NOTIFY_SOCKET` names. Nothing is waited for: a service manager that
/// does not listen misses the message.
struct ServiceManager: Sendable {
    /// How the server is.
    enum Message: Equatable {
        /// All listeners are up, at the start or after the settings were read again.
        case ready
        /// The settings are being read again. `at` is the time of the monotonic clock, which systemd compares with that of
        /// its signal.
        case reloading(at: Duration)
        /// The server was told to stop and finishes what it has begun.
        case stopping
        /// The event loops still run.
        case alive

        /// The message as sd_notify(3) writes it.
        var text: String {
            switch self {
            case .ready: "READY=1\nSTATUS=serving"
            case .reloading(let time):
                "RELOADING=1\nMONOTONIC_USEC=\(Int64(time / .microseconds(1)))\nSTATUS=reading the settings"
            case .stopping: "STOPPING=1\nSTATUS=finishing what has begun"
            case .alive: "WATCHDOG=1"
            }
        }
    }

    private let address: sockaddr_un?
    private let addressLength: socklen_t
    /// How often the service manager wants to hear that the server is alive; nil when it does not ask.
    let watchdog: Duration?

    /// The service manager that an environment names, if it names one. `WATCHDOG_PID` says whose watchdog it is.
    init(environment: [String: String], process: pid_t = getpid()) {
        let (address, length) = environment["NOTIFY_SOCKET"].flatMap(Self.address) ?? (nil, 0)
        self.address = address
        addressLength = length
        let isMeant = environment["WATCHDOG_PID"].map { pid_t($0) == process } ?? true
        let interval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map(Duration.microseconds)
        watchdog = if address != nil, isMeant, let interval, interval > .zero { interval } else { nil }
    }

    /// Whether there is anybody to tell.
    var isThere: Bool { address != nil }

    /// Keeps programs that this one starts from speaking in its name. To be called while the process has one thread.
    static func hideFromChildren() {
        for variable in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] { unsetenv(variable) }
    }

    /// Sends a message. Returns whether it was taken; without a service manager nothing is sent, which is fine.
    @discardableResult
    func tell(_ message: Message) -> Bool {
        guard var address else { return true }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var text = message.text
        return text.withUTF8 { bytes in
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { destination in
                    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
                    return sendto(descriptor, bytes.baseAddress, bytes.count, flags, destination, addressLength)
                        == bytes.count
                }
            }
        }
    }

    /// The time of the monotonic clock.
    static var monotonicTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// The address of a socket: a path, or with `@` at its start a name in the abstract namespace. Nil for what is neither.
    private static func address(_ name: String) -> (sockaddr_un?, socklen_t)? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        guard bytes.first == UInt8(ascii: "/") || bytes.first == UInt8(ascii: "@"), bytes.count > 1,
            bytes.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return nil }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + bytes.count } ?? 0
        return (address, socklen_t(length))
    }
}
