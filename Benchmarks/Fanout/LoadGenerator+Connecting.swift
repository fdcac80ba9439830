import CEpoll
import Glibc

extension LoadGenerator {
    /// Connects `count` more clients and waits until the server has answered all of them.
    mutating func connect(_ count: Int, as role: Client.Role = .subscriber) throws {
        let deadline = monotonicNow() + 120 * 1_000_000_000
        let wanted = ready + count
        for _ in 0..<count {
            try open(clients.endIndex, as: role)
            while shaking >= 256 { try turnWhileConnecting(deadline) }
        }
        while ready < wanted { try turnWhileConnecting(deadline) }
    }

    private mutating func turnWhileConnecting(_ deadline: UInt64) throws {
        try turn(timeout: 100)
        if counts.closed > 0 { throw LoadError("the server closed a connection while others were being made") }
        if monotonicNow() > deadline { throw LoadError("only \(ready) connections were made in two minutes") }
    }

    /// Begins to connect a client at `index`, which is the end or the place of one that is closed.
    mutating func open(_ index: Int, as role: Client.Role) throws {
        let socket = try Socket.connect(to: target.port, number: opened, receiveBuffer: role == .stalled ? 4096 : nil)
        opened += 1
        if index == clients.endIndex { clients.append(Client()) }
        clients[index].socket = socket
        clients[index].state = .connecting
        clients[index].role = role
        clients[index].next = -1
        try watch(index, EPOLL_CTL_ADD, for: EPOLLOUT.rawValue)
        shaking += 1
    }

    /// Closes all clients that are not closed.
    mutating func disconnectAll(abruptly: Bool = false) {
        for index in clients.indices where clients[index].state != .closed { drop(index, abruptly: abruptly) }
        clients.removeAll()
    }

    /// Closes the client at `index` and forgets what it still should get.
    mutating func drop(_ index: Int, abruptly: Bool = false) {
        let client = clients[index]
        Socket.close(client.socket, abruptly: abruptly)
        clients[index].state = .closed
        clients[index].generation &+= 1
        if client.hasCarry { carried[index] = nil }
        clients[index].hasCarry = false
        switch client.state {
        case .ready:
            ready -= 1
            guard client.role == .subscriber else { return }
            subscribers -= 1
            if client.next >= 0 { for number in client.next..<max(client.next, published) { subtract(number) } }
        case .closed: break
        case .connecting, .upgrading, .waiting: shaking -= 1
        }
    }

    mutating func connected(_ index: Int) throws {
        guard Socket.isConnected(clients[index].socket) else {
            throw LoadError("the server refused connection \(ready + 1)")
        }
        let path = clients[index].role == .publisher ? target.publishPath : target.subscribePath
        guard Socket.send(target.wire.upgradeRequest(path: path), on: clients[index].socket) else {
            throw LoadError.system("cannot send a handshake")
        }
        clients[index].state = .upgrading
        try watch(index, EPOLL_CTL_MOD, for: EPOLLIN.rawValue)
    }

    /// The server has taken the handshake.
    mutating func upgraded(_ index: Int) {
        clients[index].state = .waiting
        let subscribing = clients[index].role != .publisher
        if let greeting = target.wire.greeting(subscribing: subscribing) {
            if !Socket.send(greeting, on: clients[index].socket) { failure = "cannot send a subscription" }
        } else if !subscribing {
            becomeReady(index)  // Publishers need no welcome.
        }
    }

    mutating func becomeReady(_ index: Int) {
        clients[index].state = .ready
        shaking -= 1
        ready += 1
        switch clients[index].role {
        case .publisher: break
        case .subscriber: subscribers += 1
        case .stalled: epoll_ctl(epoll, EPOLL_CTL_DEL, clients[index].socket, nil)
        }
    }

    private func watch(_ index: Int, _ operation: Int32, for events: UInt32) throws {
        let client = clients[index]
        var event = epoll_event()
        event.events = events
        event.data.u64 = UInt64(client.generation) << 32 | UInt64(index)
        guard epoll_ctl(epoll, operation, client.socket, &event) == 0 else {
            throw LoadError.system("cannot watch a socket")
        }
    }
}
