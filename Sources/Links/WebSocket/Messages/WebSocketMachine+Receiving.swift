public import NIOCore

extension WebSocketMachine {
    /// Takes the next bytes from the network. Call ``next()`` afterwards until it returns nil.
    ///
    /// Give the buffer away (do not keep a copy): then a message that it holds alone is delivered in its memory.
    public mutating func receive(_ bytes: consuming ByteBuffer) {
        guard phase != .closed else { return }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next thing to do about what was received, nil when more bytes are needed or the connection is closed.
    public mutating func next() -> Action? {
        do throws(ProtocolViolation) {
            while phase != .closed {
                if let frame {
                    guard frame.remaining == 0 || input.readableBytes > 0 else { break }
                    let message = try takePayload()
                    if let excess = takeExcess() { return .tooMuch(excess) }
                    if let message { return .message(message) }
                } else {
                    guard let header = try parseHeader() else { break }
                    if header.opcode.isControl {
                        guard input.readableBytes >= header.size + header.length else { break }
                        count(control: header)
                        let action = try takeControlFrame(header)
                        if let excess = takeExcess() { return .tooMuch(excess) }
                        if let action { return action }
                    } else if isWholeMessage(header) {
                        count(messages: 1, bytes: header.length)
                        let message = try takeWholeMessage(header)
                        return takeExcess().map { .tooMuch($0) } ?? .message(message)
                    } else {
                        count(beginning: header)
                        begin(header)
                        if let excess = takeExcess() { return .tooMuch(excess) }
                    }
                }
            }
            settle()
            return nil
        } catch {
            return fail(error)
        }
    }

    private func parseHeader() throws(ProtocolViolation) -> FrameHeader? {
        let rules = FrameHeader.Rules(
            role: role,
            isInsideMessage: message != nil,
            isMessageCompressed: message?.isCompressed ?? false,
            allowsCompression: compression != nil,
            maxFrameBytes: limits.maxFrameBytes,
            maxMoreBytes: limits.maxMessageBytes - (message?.payload.readableBytes ?? 0)
        )
        return try input.withUnsafeReadableBytes { FrameHeader.parse($0, under: rules) }.get()
    }

    private mutating func begin(_ header: FrameHeader) {
        input.moveReaderIndex(forwardBy: header.size)
        frame = FrameInProgress(remaining: header.length, isFinal: header.isFinal, maskKey: header.maskKey)
        if header.opcode != .continuation {
            message = MessageInProgress(isText: header.opcode == .text, isCompressed: header.isCompressed)
        }
    }

    /// Whether the frame is a plain message by itself and has arrived, which most messages do.
    private func isWholeMessage(_ header: FrameHeader) -> Bool {
        phase == .open && header.isFinal && !header.isCompressed && header.opcode != .continuation
            && input.readableBytes >= header.size + header.length
    }

    private mutating func takeWholeMessage(_ header: FrameHeader) throws(ProtocolViolation) -> WebSocketMessage {
        input.moveReaderIndex(forwardBy: header.size)
        let payload = takeBytes(header.length, key: header.maskKey)
        guard header.opcode == .text else { return .binary(payload) }
        var utf8 = UTF8Validator()
        guard payload.withUnsafeReadableBytes({ utf8.consume($0) }) else { throw .invalid("text is not UTF-8") }
        guard utf8.isComplete else { throw .invalid("text ends inside a character") }
        return .text(payload)
    }

    /// Lets go of the received memory, but for the few bytes of an unfinished header or control frame.
    private mutating func settle() {
        if input.readableBytes == 0 || phase == .closed {
            input = ByteBuffer()
        } else if input.storageCapacity > 256 {
            input = input.withUnsafeReadableBytes { ByteBuffer(bytes: $0) }
        }
    }

    private mutating func fail(_ violation: ProtocolViolation) -> Action {
        let bytes = phase == .open ? closeFrame(violation.code, reason: violation.reason) : nil
        phase = .closed
        release()
        settle()
        return .close(bytes, violation.code, reason: violation.reason, byPeer: false)
    }

    private mutating func takeControlFrame(_ header: FrameHeader) throws(ProtocolViolation) -> Action? {
        input.moveReaderIndex(forwardBy: header.size)
        var payload = takeBytes(header.length, key: header.maskKey)
        switch header.opcode {
        case .ping where phase == .open:
            return .send(FrameEncoder.frame(.pong, payload, mask: makeMask()))
        case .pong where phase == .open:
            return .pong(payload)
        case .close:
            return try takeClose(&payload)
        default:
            return nil
        }
    }

    private mutating func takeClose(_ payload: inout ByteBuffer) throws(ProtocolViolation) -> Action {
        var code = CloseCode.noStatus
        var reason = ""
        if payload.readableBytes > 0 {
            guard let number = payload.readInteger(as: UInt16.self) else { throw .broken("close code is cut") }
            code = CloseCode(rawValue: number)
            guard code.isValidOnWire else { throw .broken("close code \(number) is not valid") }
            var utf8 = UTF8Validator()
            let isValid = payload.withUnsafeReadableBytes { utf8.consume($0) }
            guard isValid, utf8.isComplete else { throw .invalid("close reason is not UTF-8") }
            reason = String(buffer: payload)
        }
        let echo = phase == .open ? closeFrame(code, reason: "") : nil
        phase = .closed
        release()
        settle()
        return .close(echo, code, reason: reason, byPeer: true)
    }
}
