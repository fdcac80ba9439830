import Glibc
public import NIOCore

/// How bytes leave.
///
/// As long as the socket takes all, they go straight to the kernel, without the channel's own queue: a message to many
/// peers costs little more than the system call for each, and its buffer may be changed for the next peer at once. What
/// the kernel does not take goes through the channel, which knows when the socket can be written to again; meanwhile
/// frames wait in a bounded queue.
extension WebSocketConnection {
    /// The most that is joined for one write when the socket takes bytes again.
    private static let longestJoin = 256 * 1024

    /// Sends whole frames that were encoded before, as `FrameEncoder` makes them for a server without compression.
    ///
    /// Frames that are `droppable` are the first to go when the peer reads too slowly.
    @discardableResult
    public func write(_ frames: ByteBuffer, droppable: Bool = false) -> SendOutcome {
        guard isOpen else { return .closed }
        let outcome = put(frames, droppable: droppable)
        if outcome == .overflowed { overflowed() }
        return outcome
    }

    /// Sends whole frames that the peer has asked for; they find room whatever waits.
    @discardableResult
    public func reply(_ frames: ByteBuffer) -> SendOutcome {
        guard isOpen else { return .closed }
        putLast(frames)
        guard channelIsActive else { return .closed }
        return isBlocked ? .queued : .sent
    }

    private func put(_ frames: ByteBuffer, droppable: Bool) -> SendOutcome {
        guard isBlocked else {
            transmit(frames)
            guard channelIsActive else { return .closed }
            return isBlocked ? .queued : .sent
        }
        switch queue.append(frames.exactCopy, droppable: droppable) {
        case .queued: return .queued
        case .dropped(let count): return .queuedDropping(count)
        case .refused: return .dropped
        case .overflow: return .overflowed
        }
    }

    /// Writes or queues bytes, whatever the state of the protocol and whatever waits.
    func putLast(_ bytes: ByteBuffer) {
        if isBlocked {
            queue.force(bytes.exactCopy)
        } else {
            transmit(bytes)
        }
    }

    private func transmit(_ bytes: ByteBuffer) {
        guard let context, channelIsActive else { return }
        isTransmitting = true
        defer { isTransmitting = false }
        var rest = bytes
        if descriptor >= 0 {
            // The descriptor is the channel's own as long as that is active; both change on this loop only.
            let sent = rest.withUnsafeReadableBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            }
            if sent == rest.readableBytes { return }
            if sent > 0 {
                rest.moveReaderIndex(forwardBy: sent)
            } else if errno != EAGAIN, errno != EINTR {
                return abort()
            }
        }
        isBlocked = true
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            guard case .success = result else { return }
            isBlocked = false
            // Bytes that the kernel took at once say nothing of the peer.
            if !isTransmitting { progressed() }
            drain()
        }
        context.writeAndFlush(wrapOutboundOut(rest.exactCopy), promise: written)
    }

    /// Writes what waits, as far as the socket takes it.
    private func drain() {
        while !isBlocked, var next = queue.popFirst() {
            while next.readableBytes < Self.longestJoin, let more = queue.popFirst() {
                next.writeImmutableBuffer(more)
            }
            transmit(next)
        }
        if isBlocked { resumeWhenReadable() } else { drained() }
    }
}

extension ByteBuffer {
    /// The readable bytes in memory of their own and of their size: what waits must not hold on to a large buffer that
    /// others share, nor make them copy it.
    fileprivate var exactCopy: ByteBuffer {
        var copy = ByteBufferAllocator().buffer(capacity: readableBytes)
        copy.writeImmutableBuffer(self)
        return copy
    }
}
