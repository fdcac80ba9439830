import Glibc

extension LoadGenerator {
    var outstanding: Int { published - finished }

    /// Puts one publication into what is to be sent.
    mutating func publish() {
        let slot = published & (Self.ring - 1)
        publishedAt[slot] = monotonicNow()
        remaining[slot] = subscribers
        template.append(to: &unsent, number: published)
        published += 1
        if subscribers == 0 { finished += 1 }
    }

    /// Sends what the publisher has to send, as far as the socket takes it.
    mutating func flush() {
        guard !unsent.isEmpty, let publisher = clients.first, publisher.role == .publisher else { return }
        let count = send(publisher.socket, unsent, unsent.count, Int32(MSG_NOSIGNAL))
        if count > 0 {
            if count == unsent.count { unsent.removeAll(keepingCapacity: true) } else { unsent.removeFirst(count) }
        } else if errno != EAGAIN && errno != EINTR {
            failure = "the publisher's connection is broken: \(String(cString: strerror(errno)))"
        }
    }

    mutating func deliver(_ number: Int, to index: Int, _ now: UInt64) {
        guard clients[index].role == .subscriber, number < published else { return }
        let next = clients[index].next
        if next >= 0 && number != next {
            if number < next {
                counts.duplicates += 1
                return
            }
            counts.lost += number - next
            for missed in next..<number { subtract(missed) }
        }
        clients[index].next = number + 1
        counts.deliveries += 1
        let sent = publishedAt[number & (Self.ring - 1)]
        latency.record(now > sent ? now - sent : 0)
        subtract(number)
    }

    /// One subscriber less is to get the message `number`.
    mutating func subtract(_ number: Int) {
        let slot = number & (Self.ring - 1)
        remaining[slot] -= 1
        if remaining[slot] == 0 { finished += 1 }
    }

    /// Connects the publisher, who is the first client, and then `count` subscribers, and calibrates.
    mutating func begin(subscribers count: Int) throws {
        try connect(1, as: .publisher)
        try connect(count)
        try calibrate()
    }

    /// Finds the filling with which a delivery has the wanted size, and gives every subscriber its first number.
    mutating func calibrate() throws {
        template = target.wire.publication(padding: 0)
        try probe()
        template = target.wire.publication(padding: max(0, target.size - deliverySize))
        try probe()
    }

    /// Publishes one message and waits until all have got it.
    private mutating func probe() throws {
        publish()
        let deadline = monotonicNow() + target.patience
        while outstanding > 0 {
            try turn(timeout: 100)
            if monotonicNow() > deadline { throw LoadError("a message did not come to all subscribers") }
        }
    }
}
