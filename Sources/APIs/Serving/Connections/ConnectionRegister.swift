import NIOCore
public import Settings
import Synchronization

/// The HTTP connections of all listeners of a server, within their limits; carries out what `ConnectionTable` decides.
public final class ConnectionRegister: Sendable {
    private struct State {
        var table: ConnectionTable
        /// The connections by their numbers, with those that are not admitted yet.
        var channels: [ConnectionTable.ID: any Channel] = [:]
        var admissions: [ConnectionTable.ID: EventLoopPromise<ConnectionPlace>] = [:]
        /// The places of the connections, found or looked for.
        var places: [ObjectIdentifier: EventLoopFuture<ConnectionPlace>] = [:]
        /// Called once when there is room again.
        var awaitingRoom: [@Sendable () -> Void] = []
        /// Called once when a connection has ended.
        var awaitingEnd: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>
    /// The proxies whose word for where requests come from counts.
    let proxies: [AddressRange]
    /// The requests of clients behind the proxies.
    let requests: RequestsByAddress

    /// A register for at most `total` connections at one time and `perAddress` from one IP address, but for those in the
    /// ranges `proxies`, whose connections are only counted together with all others; of clients behind these it is at most
    /// `perAddress` requests. `reserve` more connections are accepted and serve probes only.
    public init(total: Int, perAddress: Int, reserve: Int, proxies: [AddressRange] = []) {
        state = Mutex(
            State(table: ConnectionTable(limits: .init(total: total, perAddress: perAddress, reserve: reserve)))
        )
        self.proxies = proxies
        requests = RequestsByAddress(limit: perAddress)
    }

    /// The connections there are, and those that wait for a place.
    public var count: Int { state.withLock { $0.table.count } }

    /// Whether another connection would find no place.
    var isFull: Bool { state.withLock { $0.table.isFull } }

    /// Finds a place for a new connection, which is closed if there is none. Returns false if it was refused at once.
    func takeIn(_ channel: any Channel) -> Bool {
        let promise = channel.eventLoop.makePromise(of: ConnectionPlace.self)
        let address = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        let isProxy = address.map { address in proxies.contains { $0.contains(address) } } ?? false
        let number = ObjectIdentifier(channel)
        let (id, actions) = state.withLock { state in
            let arrival = state.table.arrived(from: isProxy ? nil : address?.description)
            state.channels[arrival.id] = channel
            state.admissions[arrival.id] = promise
            state.places[number] = promise.futureResult
            return arrival
        }
        channel.closeFuture.whenComplete { _ in self.left(id, number) }
        perform(actions)
        return !actions.contains(.refuse(id))
    }

    /// The place of a connection, perhaps when another has left; it is taken in first if it was not yet. Fails with
    /// `ChannelError` for one that is closed instead.
    func admit(_ channel: any Channel) -> EventLoopFuture<ConnectionPlace> {
        if let place = place(of: channel) { return place }
        // It came before the listener had its gate.
        let isIn = takeIn(channel)
        return isIn ? place(of: channel) ?? refusal(of: channel) : refusal(of: channel)
    }

    private func place(of channel: any Channel) -> EventLoopFuture<ConnectionPlace>? {
        state.withLock { $0.places[ObjectIdentifier(channel)] }
    }

    private func refusal(of channel: any Channel) -> EventLoopFuture<ConnectionPlace> {
        channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
    }

    /// Has `body` called once when there is room for another connection, perhaps before this returns.
    func whenRoom(_ body: @escaping @Sendable () -> Void) {
        let isNow = state.withLock { state in
            guard state.table.isFull else { return true }
            state.awaitingRoom.append(body)
            return false
        }
        if isNow { body() }
    }

    /// Has `body` called once when a connection has ended.
    func whenOneEnds(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.awaitingEnd.append(body) }
    }

    func began(_ id: ConnectionTable.ID) {
        update { $0.began(id) }
    }

    func rested(_ id: ConnectionTable.ID) {
        update { table in
            table.rested(id)
            return []
        }
    }

    /// A connection is none of HTTP any more, though its socket is still open.
    func left(_ id: ConnectionTable.ID) {
        state.withLock { $0.channels[id] = nil }
        update { $0.left(id) }
    }

    private func left(_ id: ConnectionTable.ID, _ number: ObjectIdentifier) {
        let (admission, ended) = state.withLock { state in
            state.channels[id] = nil
            state.places[number] = nil
            defer { state.awaitingEnd = [] }
            return (state.admissions.removeValue(forKey: id), state.awaitingEnd)
        }
        admission?.fail(ChannelError.ioOnClosedChannel)
        update { $0.left(id) }
        for body in ended { body() }
    }

    private func update(_ change: (inout ConnectionTable) -> [ConnectionTable.Action]) {
        let (actions, room) = state.withLock { state in
            let actions = change(&state.table)
            guard !state.awaitingRoom.isEmpty, !state.table.isFull else { return (actions, [@Sendable () -> Void]()) }
            defer { state.awaitingRoom = [] }
            return (actions, state.awaitingRoom)
        }
        perform(actions)
        for body in room { body() }
    }

    /// Without the lock: promises and channels run others' code.
    private func perform(_ actions: [ConnectionTable.Action]) {
        for action in actions {
            switch action {
            case .admit(let id, let role):
                let admission = state.withLock { $0.admissions.removeValue(forKey: id) }
                admission?.succeed(ConnectionPlace(id: id, role: role, register: self))
            case .refuse(let id):
                let (admission, channel) = state.withLock { state in
                    (state.admissions.removeValue(forKey: id), state.channels[id])
                }
                channel?.close(promise: nil)
                admission?.fail(ChannelError.ioOnClosedChannel)
            case .closeIfIdle(let id):
                guard let channel = state.withLock({ $0.channels[id] }) else { continue }
                channel.eventLoop.execute {
                    channel.pipeline.fireUserInboundEventTriggered(GiveUpIfIdle())
                }
            }
        }
    }
}

/// A connection's place among those of its server.
struct ConnectionPlace: Sendable {
    /// That of the connection whose request this task handles; nil where connections are not counted.
    @TaskLocal static var current: ConnectionPlace?

    fileprivate let id: ConnectionTable.ID
    /// What it is admitted to.
    let role: ConnectionTable.Role
    fileprivate let register: ConnectionRegister

    fileprivate init(id: ConnectionTable.ID, role: ConnectionTable.Role, register: ConnectionRegister) {
        self.id = id
        self.role = role
        self.register = register
    }

    /// Bytes of a request have come.
    func began() { register.began(id) }
    /// All requests are answered, and nothing of another has come.
    func rested() { register.rested(id) }
    /// The connection has ended, or goes on as something else than HTTP.
    func left() { register.left(id) }
}

/// Tells a connection to close if it is idle, for another one needs its place.
struct GiveUpIfIdle: Sendable {}
