import NIOCore
import Synchronization
import WebSocket

/// What connections do. All of it happens on the loop of the subscriber's connection.
extension EventHub {
    /// What a subscription begins with; what comes later is delivered.
    public struct Beginning: Sendable {
        /// The topic's position; nil for patterns.
        public let position: Position?
        /// What the subscriber missed since the position that it gave.
        public let recovery: Recovery?
        /// The topic's keyed state, if it was asked for.
        public let snapshot: StateSnapshot?
    }

    /// A connection is open: it gets the messages to everyone.
    public func enter(_ subscriber: Subscriber) {
        fanout(on: subscriber.connection.eventLoop).enter(subscriber)
    }

    /// How a subscription starts.
    public enum Start: Sendable {
        /// It has begun.
        case begun(Beginning)
        /// It has not: first what only the topic's log holds is to be sent to the subscriber. Then a new start is made with the
        /// position that was reached. A subscription to the same pattern has ended.
        case behind(StoredRecovery)
    }

    /// Subscribes a connection that has entered, with what it missed as far as memory holds that. A subscription to the
    /// same pattern is replaced; for one that has left meanwhile nothing happens. Throws `TopicError`.
    @discardableResult
    public func subscribe(
        _ subscriber: Subscriber,
        _ request: SubscriptionRequest,
        as member: Member
    ) throws(TopicError) -> Beginning {
        try join(subscriber, request, as: member) ?? Beginning(position: nil, recovery: nil, snapshot: nil)
    }

    /// Subscribes a connection that has entered, unless some of what it missed is in the topic's log only. Throws
    /// `TopicError`.
    public func start(
        _ subscriber: Subscriber,
        _ request: SubscriptionRequest,
        as member: Member
    ) throws(TopicError) -> Start {
        var recovery: StoredRecovery?
        let beginning = try join(subscriber, request, as: member) { state throws(TopicError) in
            recovery = try storedRecovery(for: request, &state)
            return recovery != nil
        }
        guard let recovery else { return .begun(beginning ?? Beginning(position: nil, recovery: nil, snapshot: nil)) }
        unsubscribe(subscriber, from: request.pattern)
        return .behind(recovery)
    }

    /// The recovery of what only the log holds of what a subscriber missed; nil when memory holds all.
    private func storedRecovery(
        for request: SubscriptionRequest,
        _ state: inout HubState
    ) throws(TopicError) -> StoredRecovery? {
        guard case .exact(let name) = request.pattern, let since = request.since, let topic = state.table[name]
        else { return nil }
        let position = topic.position
        let isOfThisEpoch = since.epoch == position.epoch
        let offset = isOfThisEpoch ? since.offset : 0
        let stored = topic.storedOffsets(after: offset, now: .now)
        guard !stored.isEmpty else { return nil }
        try state.table.retain(name, now: .now)
        return StoredRecovery(
            of: name,
            after: offset,
            position: position,
            isComplete: isOfThisEpoch && stored.lowerBound == offset + 1,
            snapshot: request.wantsState ? topic.snapshot() : nil,
            hub: self
        )
    }

    /// Seats a subscriber at one moment, unless there is an obstacle then or it has left; nil in these cases.
    private func join(
        _ subscriber: Subscriber,
        _ request: SubscriptionRequest,
        as member: Member,
        unless hasObstacle: (inout HubState) throws(TopicError) -> Bool = { _ throws(TopicError) in false }
    ) throws(TopicError) -> Beginning? {
        guard subscriber.lobbySeat != nil else { return nil }
        let loop = fanout(on: subscriber.connection.eventLoop)
        let earlier = subscriber.seat(for: request.pattern)
        let granted = try state.withLock { state throws(TopicError) -> Grant? in
            guard try !hasObstacle(&state) else { return nil }
            var grant = try state.join(request, outlet: loop.index, now: .now)
            if earlier != nil { state.leave(request.pattern, outlet: loop.index, now: .now) }
            if case .exact(let topic) = request.pattern {
                if request.wantsPresence {
                    node?.join(member, topic: topic)
                    tell(state.presence[topic, default: PresenceSet()].join(member), in: topic, &state)
                } else if earlier?.wantsPresence == true {
                    leavePresence(of: subscriber, in: topic, &state)
                }
            }
            // A newcomer does not hear of itself.
            grant.serial = state.serial
            return grant
        }
        guard let grant = granted else { return nil }
        loop.seat(subscriber, grant, request)
        return Beginning(position: grant.position, recovery: grant.recovery, snapshot: grant.snapshot)
    }

    /// Sends at once what waits for the end of the tick on the subscriber's loop.
    public func deliverNow(to subscriber: Subscriber) {
        fanout(on: subscriber.connection.eventLoop).deliverNow()
    }

    /// Sends at once what waits for the end of a tick on any loop, and returns when connections have it.
    public func deliverAll() async {
        for loop in fanout { try? await loop.eventLoop.submit { loop.deliverNow() }.get() }
    }

    /// Ends a subscription, if there is one.
    public func unsubscribe(_ subscriber: Subscriber, from pattern: TopicPattern) {
        let loop = fanout(on: subscriber.connection.eventLoop)
        guard let seat = loop.unseat(subscriber, from: pattern) else { return }
        state.withLock { leave(subscriber, pattern, seat, loop, &$0) }
    }

    /// A connection is gone, with all its subscriptions.
    public func leave(_ subscriber: Subscriber) {
        let loop = fanout(on: subscriber.connection.eventLoop)
        let seats = subscriber.seats
        for (pattern, _) in seats { _ = loop.unseat(subscriber, from: pattern) }
        loop.exit(subscriber)
        state.withLock { state in
            for (pattern, seat) in seats { leave(subscriber, pattern, seat, loop, &state) }
        }
    }

    private func leave(
        _ subscriber: Subscriber,
        _ pattern: TopicPattern,
        _ seat: Seat,
        _ loop: FanoutLoop,
        _ state: inout HubState
    ) {
        state.leave(pattern, outlet: loop.index, now: .now)
        if seat.wantsPresence, case .exact(let topic) = pattern { leavePresence(of: subscriber, in: topic, &state) }
    }

    private func leavePresence(of subscriber: Subscriber, in topic: TopicName, _ state: inout HubState) {
        guard let change = state.presence[topic]?.leave(subscriber.id.description) else { return }
        node?.leave(subscriber.id.description, topic: topic)
        if state.presence[topic]?.isEmpty == true { state.presence[topic] = nil }
        tell(change, in: topic, &state)
    }

    /// Tells those in a topic who came or went.
    func tell(_ change: PresenceChange, in topic: TopicName, _ state: inout HubState) {
        let word: String
        let member: Member
        switch change {
        case .none: return
        case .joined(let newcomer): (word, member) = ("presence_joined", newcomer)
        case .left(let leaver): (word, member) = ("presence_left", leaver)
        }
        guard let room = state.room(of: topic), room.seats.contains(where: { $0 > 0 }) else { return }
        let envelope = Envelope.custom { writer in
            writer.member("type", word)
            writer.member("topic", topic.text)
            writer.object("member") { writer in
                writer.member("connection_id", member.id)
                writer.member("name", member.name)
            }
        }
        let serial = state.nextSerial()
        for (index, seats) in room.seats.enumerated() where seats > 0 {
            fanout[index].enqueue(.presence(room: room.id, serial: serial, envelope))
        }
    }

    /// Sends a message to every connection. It belongs to no topic and is kept nowhere. Returns how many get it.
    @discardableResult
    public func sendToAll(_ envelope: EncodedEnvelope) -> Int {
        state.withLock { state in
            let delivery = Delivery(
                serial: state.nextSerial(),
                origin: nil,
                envelope: envelope,
                rooms: [FanoutLoop.lobby],
                overflow: .dropOldest,
                report: nil
            )
            for loop in fanout { loop.enqueue(.delivery(delivery)) }
            return fanout.reduce(0) { $0 + $1.population }
        }
    }
}
