public import NIOCore

extension WebSocketMachine {
    /// The frame of a message to be sent: masked for a client, compressed when that was agreed on and the message is
    /// worth it. Nil once the connection is closing.
    public mutating func frame(_ message: WebSocketMessage) -> ByteBuffer? {
        guard phase == .open else { return nil }
        let payload = message.payload
        if let compression, payload.readableBytes >= Int(compression.minimumBytes), let deflater = makeDeflater() {
            let frame = FrameEncoder.frame(message.opcode, deflating: payload, with: deflater, mask: makeMask())
            if deflater.keepsContext {
                // The peer must see what the next message may refer to, even when this one did not get smaller.
                return frame
            }
            self.deflater = nil
            let plain = FrameEncoder.headerLength(payload: payload.readableBytes, masked: role == .client)
            if frame.readableBytes < plain + payload.readableBytes { return frame }
        }
        return FrameEncoder.frame(message.opcode, payload, mask: makeMask())
    }

    /// A ping frame with the first 125 bytes of `payload`. Nil once the connection is closing.
    public mutating func ping(_ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer? {
        guard phase == .open else { return nil }
        expectPong()
        var payload = payload
        let short = payload.readSlice(length: min(125, payload.readableBytes)) ?? ByteBuffer()
        return FrameEncoder.frame(.ping, short, mask: makeMask())
    }

    /// Begins the close handshake: the close frame to be written, nil when it has begun before.
    ///
    /// ``CloseCode/noStatus`` makes a frame without a code; any other code that must not be sent becomes
    /// ``CloseCode/serverError``. The reason is cut to 123 bytes at the end of a character.
    public mutating func close(_ code: CloseCode, reason: String = "") -> ByteBuffer? {
        guard phase == .open else { return nil }
        phase = .closing
        release()
        return closeFrame(code, reason: reason)
    }

    func closeFrame(_ code: CloseCode, reason: String) -> ByteBuffer {
        var payload = ByteBuffer()
        if code != .noStatus {
            payload.writeInteger(code.isValidOnWire ? code.rawValue : CloseCode.serverError.rawValue)
            for character in reason {
                let bytes = character.utf8
                guard payload.readableBytes + bytes.count <= 125 else { break }
                payload.writeBytes(bytes)
            }
        }
        return FrameEncoder.frame(.close, payload, mask: makeMask())
    }

    /// A fresh key for a client's frame, unpredictable to whoever chose the payload; none for a server.
    func makeMask() -> UInt32? {
        role == .client ? UInt32.random(in: .min ... .max) : nil
    }

    private mutating func makeDeflater() -> Deflater? {
        if let deflater { return deflater }
        // Without memory for a compressor messages go out as they are, which is always allowed.
        let deflater = compression?.makeDeflater(for: role)
        self.deflater = deflater
        return deflater
    }
}
