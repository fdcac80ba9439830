import NIOCore

/// How messages come in.
extension WebSocketConnection {
    /// The most messages of one connection that are carried out in a row.
    private static let longestTurn = 128

    /// Goes on reading, or pauses: no message comes then, and the peer has to wait.
    public func setReading(_ isReading: Bool) {
        guard isPausedByReader == isReading else { return }
        isPausedByReader = !isReading
        updateReading()
        if isReading { eventLoop.assumeIsolated().execute { [self] in process() } }
    }

    /// Carries out what the received bytes lead to.
    ///
    /// A peer that asks faster than it reads the answers has to wait with its questions. While a write is under way
    /// nothing is carried out: a failing socket is read to its end in the middle of a write, and commands must not
    /// change what is being written.
    func process() {
        guard !isTransmitting else {
            return eventLoop.assumeIsolated().execute { [self] in process() }
        }
        guard !isYielding else { return }
        machine.advance(to: .now())
        var carriedOut = 0
        // What a message leads to may end the connection; the rest is for nobody then.
        while context != nil, !isCongested, !isPausedByReader, let action = machine.next() {
            guard carryOut(action) else { return }
            carriedOut += 1
            if carriedOut == Self.longestTurn {
                tellUsage()
                return yield()
            }
        }
        tellUsage()
        if isCongested, !isPausedByQueue {
            isPausedByQueue = true
            updateReading()
        }
    }

    /// Carries out what the peer sent before it went, unless it did not read its answers. There is nobody to answer.
    func processRest() {
        guard !isTransmitting, !isCongested, !isCutOff else { return }
        descriptor = -1
        channel = nil
        isBlocked = false
        isPausedByReader = false
        while context != nil, let action = machine.next(), carryOut(action) {}
    }

    /// Carries out one thing; false if it was the last.
    private func carryOut(_ action: WebSocketMachine.Action) -> Bool {
        switch action {
        case .message(let message): delegate?.webSocket(self, didReceive: message)
        case .pong: break
        case .send(let bytes): _ = reply(bytes)
        case .tooMuch(let excess): delegate?.webSocket(self, didExceed: excess)
        case .close(let bytes, let code, let reason, let byPeer):
            finish(bytes, code, reason, byPeer: byPeer)
            return false
        }
        return true
    }

    /// Tells what the peer has sent and the delegate has not asked for.
    private func tellUsage() {
        guard context != nil else { return }
        let usage = machine.takeUsage()
        if !usage.isEmpty { delegate?.webSocket(self, didTake: usage) }
    }

    /// Lets the other connections of the loop have their turn before the next messages of this one.
    private func yield() {
        isYielding = true
        updateReading()
        // A task without a delay would still come before the next look at the other sockets.
        eventLoop.assumeIsolated().scheduleTask(in: .microseconds(50)) { [self] in
            isYielding = false
            updateReading()
            process()
        }
    }

    /// Whether so many answers wait for the peer that it is to read before it asks for more. What it did not ask for does
    /// not count, or who follows more than it can read could not say that it wants less.
    var isCongested: Bool {
        isBlocked && (queue.forcedBytes > queue.maxBytes / 4 || queue.forcedCount > queue.maxFrames / 4)
    }

    /// Goes on reading from a peer that has read its answers.
    func resumeWhenReadable() {
        guard isPausedByQueue, !isCongested else { return }
        isPausedByQueue = false
        updateReading()
        process()
    }

    func updateReading() {
        try? channel?.syncOptions?.setOption(.autoRead, value: !isPausedByQueue && !isPausedByReader && !isYielding)
    }
}
