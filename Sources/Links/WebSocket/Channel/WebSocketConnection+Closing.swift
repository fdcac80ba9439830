import NIOCore

/// How a connection ends.
extension WebSocketConnection {
    /// What is done when all is written.
    enum Ending {
        case cutOff
        case endSending
    }

    /// Begins to close; what waits is sent first. The connection is cut off when the peer does not answer within the
    /// time-out for it.
    public func close(_ code: CloseCode, reason: String = "") {
        guard context != nil, let frame = machine.close(code, reason: reason) else { return }
        closing = (code, reason)
        closeDeadline = group.closeDeadline
        updateSlot()
        // The peer's answer is behind whatever nobody has read.
        setReading(true)
        putLast(frame)
    }

    /// Cuts the connection off without a word.
    public func abort() {
        isCutOff = true
        context?.close(promise: nil)
    }

    /// The last frame goes out. After a close by the peer that is all; after a violation the peer is given the time to
    /// read why, for a connection that is closed with bytes unread takes back what was written last.
    func finish(_ bytes: ByteBuffer?, _ code: CloseCode, _ reason: String, byPeer: Bool) {
        if closing == nil { closing = (code, reason) }
        guard let bytes else {
            // The peer closes too. What waits for it, our own close frame for one, is sent first.
            guard isBlocked else { return abort() }
            ending = .cutOff
            return
        }
        closeDeadline = group.closeDeadline
        updateSlot()
        // What waits was meant to be read before the close frame; after a violation nothing more is owed.
        if !byPeer { queue.removeAll() }
        ending = byPeer ? .cutOff : .endSending
        putLast(bytes)
        if !isBlocked { end() }
    }

    /// Everything is written that was to be.
    func end() {
        switch ending {
        case .cutOff: abort()
        case .endSending: context?.close(mode: .output, promise: nil)
        case nil: break
        }
    }

    func retire() {
        guard context != nil else { return }
        context = nil
        channel = nil
        descriptor = -1
        updateSlot()
        queue.removeAll()
        group.remove(self)
        let delegate = delegate
        self.delegate = nil
        let (code, reason) = closing ?? (.abnormal, "")
        delegate?.webSocketDidClose(self, code: code, reason: reason)
        if slot >= 0 { group.sockets.giveBack(slot) }
        slot = -1
    }
}
