import Glibc
public import Settings

/// How the file descriptors that a process may have are shared out: some are kept for files, engines, the database and
/// child processes, and connections get the rest.
public struct DescriptorBudget: Equatable, Sendable {
    /// Why the settings do not fit.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// One sentence with the key and the remedy.
        public let description: String
    }

    /// The descriptors that the process may have.
    public let limit: Int
    /// Those that are kept for other purposes than connections.
    public let kept: Int
    /// The connections beyond the others that are kept for probes.
    public let probes: Int
    /// The most HTTP connections.
    public let http: Int
    /// The most WebSockets.
    public let webSockets: Int

    /// Shares `limit` descriptors out. What nobody set is lowered to what is left. Throws `Failure` for connections that
    /// were set and cannot be had.
    public init(limit: Int, settings loaded: LoadedSettings) throws(Failure) {
        self.limit = limit
        kept = min(500, limit / 2)
        probes = min(8, max(1, limit / 32))
        let keys = SettingKeys.table
        let left = max(0, limit - kept - probes)
        let http = loaded.settings.http.maxConnections
        let webSockets = loaded.settings.websocket.maxConnections
        let isHTTPSet = loaded.origin(of: keys.http.maxConnections) != .standard
        let areWebSocketsSet = loaded.origin(of: keys.websocket.maxConnections) != .standard
        // A WebSocket begins as an HTTP connection, so there are always some of both.
        let fewest = min(16, left / 4)
        switch (isHTTPSet, areWebSocketsSet) {
        case (true, true): (self.http, self.webSockets) = (http, webSockets)
        case (true, false): (self.http, self.webSockets) = (http, min(webSockets, max(fewest, left - http)))
        case (false, true): (self.http, self.webSockets) = (min(http, max(fewest, left - webSockets)), webSockets)
        case (false, false):
            self.http = min(http, max(fewest, left / 2))
            self.webSockets = min(webSockets, left - self.http)
        }
        guard self.http + self.webSockets > left else { return }
        let names = [
            (isHTTPSet, keys.http.maxConnections.path), (areWebSocketsSet, keys.websocket.maxConnections.path),
        ]
        .filter(\.0).map(\.1).joined(separator: " and ")
        throw Failure(
            description: """
                \(names): \(self.http) HTTP connections and \(self.webSockets) WebSockets are more than this process may \
                have open: \(limit) files, of which \(kept + probes) are kept for other purposes. Set at most \(left) in \
                all, or raise the limit of open files (ulimit -n, LimitNOFILE).
                """
        )
    }

    /// Raises the process's limit of open files as far as it may go. Returns what it is then.
    public static func raiseLimit() -> Int {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return 1024 }
        if limits.rlim_cur < limits.rlim_max {
            var raised = limits
            raised.rlim_cur = limits.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limits = raised }
        }
        return Int(clamping: min(limits.rlim_cur, 1 << 30))
    }
}

extension ConnectionRegister {
    /// A register within the limits of `settings` and what the `budget` leaves of them.
    public convenience init(_ settings: Settings, budget: DescriptorBudget) {
        self.init(
            total: budget.http,
            perAddress: settings.http.maxConnectionsPerAddress,
            reserve: budget.probes,
            proxies: settings.http.trustedProxies
        )
    }
}
