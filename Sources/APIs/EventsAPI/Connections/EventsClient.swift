import Events
import NIOCore
import Resilience
import Serving
import WebSocket

/// A connection of the events API: reads a client's messages and answers them. Loop-bound.
final class EventsClient: WebSocketDelegate {
    let subscriber: Subscriber
    let crew: ClientCrew
    let identity: Identity
    private let endpoint: Endpoint
    private let payer: ClientRates.Payer
    private var registration: CredentialWatch.Registration?
    /// Whether something is under way that has to be over before the next message is obeyed: other nodes are asked, a log
    /// is read, or the client may not send yet.
    private var isWaiting = false
    /// Whether this side ends the connection; what still waits is not done then.
    private var hasSaidGoodbye = false
    /// Reads a log.
    var reading: Task<Void, Never>?
    /// What is sent of a log when the client has taken what was sent before.
    var recovering: StoredStart?

    init(
        _ connection: WebSocketConnection,
        endpoint: Endpoint,
        identity: Identity,
        payer: ClientRates.Payer,
        crew: ClientCrew
    ) {
        subscriber = Subscriber(id: ConnectionID(), connection: connection)
        self.endpoint = endpoint
        self.identity = identity
        self.payer = payer
        self.crew = crew
    }

    /// The connection as a member of topics.
    var member: Member { Member(id: subscriber.id.description, name: identity.name) }

    // MARK: Coming and going

    func webSocketDidOpen(_ connection: WebSocketConnection) {
        crew.metrics?.connectionOpened()
        crew.hub.enter(subscriber)
        subscriber.answer(.welcome(subscriber.id))
        for topic in endpoint.topics { follow(topic) }
        if connection.isOpen { watchCredentials() }
    }

    private func follow(_ topic: String) {
        guard let pattern = try? TopicPattern(topic), identity.permissions.allows(.subscribe, pattern) else { return }
        do {
            _ = try crew.hub.subscribe(subscriber, SubscriptionRequest(pattern), as: member)
        } catch {
            // It is told what it does not get, and can ask for something else.
            subscriber.answer(.mistake(.tooManyTopics(error.description)))
        }
    }

    private func watchCredentials() {
        guard let credential = identity.credential else { return }
        let loop = subscriber.connection.eventLoop
        let client = NIOLoopBound(self, eventLoop: loop)
        registration = crew.credentials.add(identity) { end in
            loop.execute { client.value.goodbye(.credentialsEnded, end.description) }
        }
        crew.connections.add(subscriber.id, credential: credential) {
            loop.execute { client.value.goodbye(.replaced, "A newer connection has the same credentials.") }
        }
    }

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {
        registration?.cancel()
        reading?.cancel()
        recovering = nil
        if let credential = identity.credential { crew.connections.remove(subscriber.id, credential: credential) }
        crew.hub.leave(subscriber)
        crew.metrics?.connectionClosed(code)
    }

    /// Says why, and closes.
    func goodbye(_ code: CloseCode, _ reason: String, discardingQueue: Bool = false) {
        hasSaidGoodbye = true
        guard subscriber.connection.isOpen else { return }
        if discardingQueue { subscriber.connection.discardQueue() }
        subscriber.answer(.goodbye(code, reason))
        subscriber.connection.close(code, reason: reason)
    }

    func webSocketDidOverflow(_ connection: WebSocketConnection) {
        goodbye(.tryAgainLater, "You read too slowly; come back and recover what you missed.", discardingQueue: true)
    }

    func webSocketDidDrain(_ connection: WebSocketConnection) {
        guard let start = recovering else { return }
        recovering = nil
        readOn(start)
    }

    func webSocketDidLosePeer(_ connection: WebSocketConnection) {
        goodbye(.silent, "You gave no sign of life.", discardingQueue: true)
    }

    func webSocket(_ connection: WebSocketConnection, shouldCloseWith code: CloseCode, reason: String) {
        goodbye(code, reason)
    }

    // MARK: Messages

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        crew.metrics?.messageReceived()
        guard case .text(let text) = message else {
            return goodbye(.unsupportedData, "Messages must be text.")
        }
        // While one message waits others come only from a client that has left.
        guard !isWaiting else { return }
        // With what came before it and was no message.
        let wait = crew.rates.reserve(connection.takeUsage(), of: payer)
        if wait > .zero { pause(for: wait, then: text) } else { obey(text) }
    }

    func webSocket(_ connection: WebSocketConnection, didTake usage: WebSocketUsage) {
        let wait = crew.rates.reserve(usage, of: payer)
        // One that is being closed is read to the end.
        if wait > .zero, !isWaiting, !hasSaidGoodbye { pause(for: wait, then: nil) }
    }

    func webSocket(_ connection: WebSocketConnection, didExceed excess: RateLimit.Excess) {
        goodbye(.tooManyMessages, crew.rates.explanation(of: excess))
    }

    /// Reads nothing from the client until `goOn`.
    func pause() {
        isWaiting = true
        subscriber.connection.setReading(false)
    }

    /// Does not read from the client for some time, and obeys the message then.
    private func pause(for wait: Duration, then text: ByteBuffer?) {
        pause()
        let client = NIOLoopBound(self, eventLoop: subscriber.connection.eventLoop)
        subscriber.connection.eventLoop.scheduleTask(in: TimeAmount(wait)) {
            client.value.goOn { if let text { client.value.obey(text) } }
        }
    }

    /// Reads on after `body`, unless the connection was ended meanwhile.
    func goOn(after body: () -> Void = {}) {
        isWaiting = false
        guard !hasSaidGoodbye else { return }
        body()
        // The message may have to wait for something else.
        if !isWaiting { subscriber.connection.setReading(true) }
    }

    private func obey(_ text: ByteBuffer) {
        do {
            let command = try ClientCommand(text)
            if let topic = command.topicToOpen, crew.hub.mustOpen(topic) {
                open(topic, then: text)
            } else {
                try perform(command, text)
            }
        } catch {
            subscriber.answer(.mistake(error))
        }
    }

    /// Asks other nodes for a topic before a message about it is obeyed. Meanwhile the client is not read from.
    private func open(_ topic: TopicName, then text: ByteBuffer) {
        pause()
        let loop = subscriber.connection.eventLoop
        let client = NIOLoopBound(self, eventLoop: loop)
        crew.hub.open(topic) {
            loop.execute { client.value.resume(with: text) }
        }
    }

    private func resume(with text: ByteBuffer) {
        goOn {
            do throws(ClientMistake) {
                // Also when the others could not be asked.
                try perform(ClientCommand(text), text)
            } catch {
                subscriber.answer(.mistake(error))
            }
        }
    }

    private func perform(_ command: ClientCommand, _ text: ByteBuffer) throws(ClientMistake) {
        switch command {
        case .ping:
            // What was published before it was asked comes before the answer.
            crew.hub.deliverNow(to: subscriber)
            subscriber.answer(.pong())
        case .pong: break
        case .subscribe(let request, let topic, let saidChannel, let wantsPosition):
            try subscribe(request, topic, saidChannel, wantsPosition)
        case .unsubscribe(let pattern, let topic, let saidChannel):
            crew.hub.unsubscribe(subscriber, from: pattern)
            subscriber.answer(.subscription("unsubscription_response", topic))
            if saidChannel { subscriber.answer(FlatReply.confirmation("unsubscription_confirmed", channel: topic)) }
        case .publish(let draft, let topic, let wantsReply): try publish(draft, topic, wantsReply)
        case .presence(let topic):
            try require(.presence, .exact(topic))
            subscriber.answer(.presence(topic, crew.hub.members(of: topic)))
        case .history(let topic, let since, let limit):
            try require(.subscribe, .exact(topic))
            guard crew.hub.hasLog(topic) else {
                let recovery = crew.hub.heldHistory(of: topic, since: since, limit: limit)
                subscriber.answer(.history(topic, recovery, since: since))
                return
            }
            readHistory(of: topic, since: since, limit: limit)
        case .other(let type):
            guard crew.hub.handle(type.rawValue, from: subscriber.id, text) else {
                throw .rateLimited("Too many messages wait to be handled; try again later.")
            }
        }
    }

    private func require(_ action: TopicAction, _ pattern: TopicPattern) throws(ClientMistake) {
        guard identity.permissions.allows(action, pattern) else {
            throw .forbidden("You may not \(action.verb) \(pattern).")
        }
    }

    private func subscribe(
        _ request: SubscriptionRequest,
        _ topic: String,
        _ saidChannel: Bool,
        _ wantsPosition: Bool
    ) throws(ClientMistake) {
        try require(.subscribe, request.pattern)
        if request.wantsPresence { try require(.presence, request.pattern) }
        guard subscriber.subscriptionCount < crew.limits.subscriptions || subscriber.follows(request.pattern) else {
            throw .tooManyTopics(
                "A connection may follow \(crew.limits.subscriptions) topics; unsubscribe from one first."
            )
        }
        let start: EventHub.Start
        do {
            start = try crew.hub.start(subscriber, request, as: member)
        } catch {
            throw .tooManyTopics(error.description)
        }
        let (position, snapshot, isRecovered): (Position?, StateSnapshot?, Bool)
        switch start {
        case .begun(let beginning):
            (position, snapshot) = (beginning.position, beginning.snapshot)
            isRecovered = beginning.recovery?.isComplete ?? (request.since == nil)
        case .behind(let recovery):
            (position, snapshot, isRecovered) = (recovery.position, recovery.snapshot, recovery.isComplete)
        }
        subscriber.answer(
            .subscription("subscription_response", topic, wantsPosition ? (position, isRecovered) : nil)
        )
        if saidChannel { subscriber.answer(FlatReply.confirmation("subscription_confirmed", channel: topic)) }
        guard case .exact(let name) = request.pattern else { return }
        if let snapshot { subscriber.answer(.snapshot(name, snapshot)) }
        switch start {
        case .begun(let beginning):
            guard let recovery = beginning.recovery else { return }
            send(recovery.publications, of: name, epoch: recovery.position.epoch, request.filter)
        case .behind(let recovery):
            pause()
            readOn(StoredStart(topic: name, request: request, recovery: recovery))
        }
    }

    @discardableResult
    func send(
        _ publications: [Publication],
        of topic: TopicName,
        epoch: String,
        _ filter: Filter?
    ) -> SendOutcome {
        let wanted = publications.filter { filter?.matches(type: $0.type, data: $0.data) != false }
        return subscriber.answer(wanted.map { Envelope.encode($0, topic: topic, epoch: epoch) })
    }

    private func publish(_ draft: Draft, _ topic: TopicName, _ wantsReply: Bool) throws(ClientMistake) {
        try require(.publish, .exact(topic))
        var draft = draft
        draft.publisher = identity.key
        let loop = subscriber.connection.eventLoop
        let client = NIOLoopBound(self, eventLoop: loop)
        crew.hub.submit(draft, to: topic) { result in
            if loop.inEventLoop {
                client.value.published(result, topic, wantsReply)
            } else {
                loop.execute { client.value.published(result, topic, wantsReply) }
            }
        }
    }

    private func published(_ result: Result<Receipt, PublishError>, _ topic: TopicName, _ wantsReply: Bool) {
        switch result {
        case .success(let receipt): if wantsReply { subscriber.answer(.published(topic, receipt)) }
        case .failure(let error): subscriber.answer(.mistake(ClientMistake(error)))
        }
    }
}

extension ClientMistake {
    /// Why a client's message was not published.
    fileprivate init(_ error: PublishError) {
        switch error {
        case .topic: self = .tooManyTopics(error.description)
        case .stateFull(.totalBytes), .stateFull(.publisherBytes), .noSpace: self = .noSpace(error.description)
        case .draft, .stateFull, .tooLarge: self = .invalidData(error.description)
        case .busy: self = .rateLimited(error.description)
        case .notStored, .stopped: self = .unavailable(error.description)
        }
    }
}
