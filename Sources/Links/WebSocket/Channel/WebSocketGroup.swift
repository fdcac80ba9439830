import NIOCore

/// The connections of one event loop. One timer serves them all: a timer for each would cost more than the connection.
///
/// Loop-bound, as its connections are.
final class WebSocketGroup {
    let eventLoop: any EventLoop
    /// Those of its connections that take bytes at once.
    let sockets = DirectSockets()
    private let options: WebSocketOptions
    private var connections: ContiguousArray<WebSocketConnection> = []
    private var isTicking = false
    /// Why newcomers are to close at once.
    private var farewell: (code: CloseCode, reason: String)?
    /// The time, as of the last tick; exact enough to tell life from silence.
    private(set) var now = NIODeadline.now()

    init(eventLoop: any EventLoop, options: WebSocketOptions) {
        self.eventLoop = eventLoop
        self.options = options
    }

    var count: Int { connections.count }

    /// When a connection that begins to close now is cut off.
    var closeDeadline: NIODeadline { .now() + TimeAmount(options.closeTimeout) }

    /// Takes a connection in. Returns why it is to close at once, if the server is shutting down.
    func add(_ connection: WebSocketConnection) -> (code: CloseCode, reason: String)? {
        connection.place = connections.count
        connections.append(connection)
        if !isTicking { startTimer() }
        return farewell
    }

    func remove(_ connection: WebSocketConnection) {
        let place = connection.place
        guard place >= 0 else { return }
        connection.place = -1
        let last = connections.removeLast()
        guard last !== connection else { return }
        connections[place] = last
        last.place = place
    }

    /// Cuts all connections off.
    func abortAll() {
        for connection in Array(connections) { connection.abort() }
    }

    func closeSilent(for silence: TimeAmount) {
        let now = NIODeadline.now()
        for connection in Array(connections) where connection.lastHeard + silence <= now { connection.lost() }
    }

    /// Begins to close all connections, a slice at a time, so that a loop with many does not stand still.
    func closeAll(_ code: CloseCode, reason: String) {
        farewell = (code, reason)
        closeNext(of: Array(connections)[...], code, reason: reason)
    }

    private func closeNext(of rest: ArraySlice<WebSocketConnection>, _ code: CloseCode, reason: String) {
        for connection in rest.prefix(256) { connection.farewell(code, reason: reason) }
        let rest = rest.dropFirst(256)
        guard !rest.isEmpty else { return }
        // A task without a delay would still come before the next look at the sockets.
        eventLoop.assumeIsolated().scheduleTask(in: .microseconds(50)) {
            self.closeNext(of: rest, code, reason: reason)
        }
    }

    private func startTimer() {
        isTicking = true
        now = .now()
        eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [weak self] in self?.tick() }
    }

    private func tick() {
        isTicking = false
        guard !connections.isEmpty else { return }
        startTimer()
        // A connection may leave while its clock is looked at.
        for connection in Array(connections) { connection.tick(now) }
    }
}
