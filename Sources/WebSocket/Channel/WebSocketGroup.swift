import NIOCore

/// The connections of one event loop. One timer serves them all: a timer for each would cost more than the connection.
///
/// Loop-bound, as its connections are.
final class WebSocketGroup {
    let eventLoop: any EventLoop
    private let options: WebSocketOptions
    private var connections: ContiguousArray<WebSocketConnection> = []
    private var isTicking = false
    /// The time, as of the last tick; exact enough to tell life from silence.
    private(set) var now = NIODeadline.now()

    init(eventLoop: any EventLoop, options: WebSocketOptions) {
        self.eventLoop = eventLoop
        self.options = options
    }

    var count: Int { connections.count }

    /// When a connection that begins to close now is cut off.
    var closeDeadline: NIODeadline { .now() + TimeAmount(options.closeTimeout) }

    func add(_ connection: WebSocketConnection) {
        connection.place = connections.count
        connections.append(connection)
        if !isTicking { startTimer() }
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

    func closeSilent(for silence: TimeAmount) {
        let now = NIODeadline.now()
        for connection in connections where connection.lastHeard + silence <= now { connection.lost() }
    }

    /// Begins to close all connections, a slice at a time, so that a loop with many does not stand still.
    func closeAll(_ code: CloseCode, reason: String) {
        closeNext(of: Array(connections)[...], code, reason: reason)
    }

    private func closeNext(of rest: ArraySlice<WebSocketConnection>, _ code: CloseCode, reason: String) {
        for connection in rest.prefix(256) { connection.farewell(code, reason: reason) }
        let rest = rest.dropFirst(256)
        guard !rest.isEmpty else { return }
        eventLoop.assumeIsolated().execute { self.closeNext(of: rest, code, reason: reason) }
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
        // A connection may leave while its clock is looked at, and the last one takes its place.
        for connection in connections { connection.tick(now) }
    }
}
