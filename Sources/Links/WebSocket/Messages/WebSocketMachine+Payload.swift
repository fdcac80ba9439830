internal import NIOCore

extension WebSocketMachine {
    /// Takes what has arrived of the current data frame's payload; a message when that completes one.
    mutating func takePayload() throws(ProtocolViolation) -> WebSocketMessage? {
        guard var frame, message != nil else { return nil }
        let count = min(frame.remaining, input.readableBytes)
        let before = message?.payload.readableBytes ?? 0
        if phase == .closing {
            input.moveReaderIndex(forwardBy: count)
        } else if message?.isCompressed == true {
            try inflate(count, key: frame.maskKey)
        } else if frame.isFinal, count == frame.remaining, message?.payload.readableBytes == 0 {
            let payload = takeBytes(count, key: frame.maskKey)
            message?.payload = payload
            try validate(from: 0)
        } else {
            try append(count, key: frame.maskKey)
        }
        // Compressed bytes may become many, or none.
        self.count(messages: 0, bytes: max(count, (message?.payload.readableBytes ?? 0) - before))

        frame.remaining -= count
        guard frame.remaining == 0 else {
            frame.maskKey = Masking.rotate(frame.maskKey, by: count)
            self.frame = frame
            return nil
        }
        self.frame = nil
        return frame.isFinal ? try finishMessage() : nil
    }

    /// The next `count` bytes, unmasked: in the received memory where it holds little else and nobody else has it,
    /// otherwise in memory of their own.
    mutating func takeBytes(_ count: Int, key: UInt32) -> ByteBuffer {
        guard count > 0 else { return ByteBuffer() }
        if count == input.readableBytes, count >= input.storageCapacity / 2 {
            var bytes = input.slice()
            input = ByteBuffer()
            if key != 0 {
                bytes.withUnsafeMutableReadableBytes { Masking.apply(key, from: UnsafeRawBufferPointer($0), to: $0) }
            }
            return bytes
        }
        var bytes = ByteBufferAllocator().buffer(capacity: count)
        appendInput(count, key: key, to: &bytes)
        return bytes
    }

    private mutating func appendInput(_ count: Int, key: UInt32, to output: inout ByteBuffer) {
        input.withUnsafeReadableBytes { source in
            let source = UnsafeRawBufferPointer(rebasing: source[..<count])
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { free in
                Masking.apply(key, from: source, to: free)
                return count
            }
        }
        input.moveReaderIndex(forwardBy: count)
    }

    private mutating func append(_ count: Int, key: UInt32) throws(ProtocolViolation) {
        guard count > 0 else { return }
        // Taken out of the machine, so that the buffer grows in place.
        var payload = message?.payload ?? ByteBuffer()
        message?.payload = ByteBuffer()
        let start = payload.readableBytes
        appendInput(count, key: key, to: &payload)
        message?.payload = payload
        try validate(from: start)
    }

    /// Unmasks and inflates piece by piece, which needs no memory for the compressed message.
    private mutating func inflate(_ count: Int, key: UInt32) throws(ProtocolViolation) {
        guard count > 0 else { return }
        let inflater = try makeInflater()
        let limit = limits.maxMessageBytes
        var payload = message?.payload ?? ByteBuffer()
        message?.payload = ByteBuffer()
        let start = payload.readableBytes
        var failure: Inflater.Failure?
        input.withUnsafeReadableBytes { source in
            withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { scratch in
                var key = key
                var offset = 0
                while offset < count, failure == nil {
                    let piece = UnsafeRawBufferPointer(rebasing: source[offset..<min(count, offset + scratch.count)])
                    Masking.apply(key, from: piece, to: scratch)
                    key = Masking.rotate(key, by: piece.count)
                    let unmasked = UnsafeRawBufferPointer(rebasing: scratch[..<piece.count])
                    failure = inflater.inflate(unmasked, into: &payload, limit: limit)
                    offset += piece.count
                }
            }
        }
        input.moveReaderIndex(forwardBy: count)
        message?.payload = payload
        // What came before the failure is judged first, so that the verdict does not depend on how bytes arrive.
        try validate(from: start)
        try check(failure)
    }

    private mutating func finishMessage() throws(ProtocolViolation) -> WebSocketMessage? {
        if message?.isCompressed == true, phase == .open {
            let inflater = try makeInflater()
            var payload = message?.payload ?? ByteBuffer()
            message?.payload = ByteBuffer()
            let start = payload.readableBytes
            let failure = inflater.finish(into: &payload, limit: limits.maxMessageBytes)
            message?.payload = payload
            count(messages: 0, bytes: payload.readableBytes - start)
            try validate(from: start)
            try check(failure)
            if compression?.keepsContext(of: role.peer) != true { self.inflater = nil }
        }
        guard let message else { return nil }
        self.message = nil
        guard phase == .open else { return nil }
        guard message.isText else { return .binary(message.payload) }
        guard message.utf8.isComplete else { throw .invalid("text ends inside a character") }
        return .text(message.payload)
    }

    private mutating func validate(from start: Int) throws(ProtocolViolation) {
        guard var message, message.isText else { return }
        let isValid = message.payload.withUnsafeReadableBytes { bytes in
            message.utf8.consume(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        self.message?.utf8 = message.utf8
        guard isValid else { throw .invalid("text is not UTF-8") }
    }

    private mutating func makeInflater() throws(ProtocolViolation) -> Inflater {
        if let inflater { return inflater }
        guard let compression, let inflater = Inflater(windowBits: compression.windowBits(of: role.peer)) else {
            throw ProtocolViolation(code: .serverError, reason: "no memory for decompression")
        }
        self.inflater = inflater
        return inflater
    }

    private func check(_ failure: Inflater.Failure?) throws(ProtocolViolation) {
        switch failure {
        case .corrupt?: throw .invalid("compressed data is corrupt")
        case .tooBig?: throw .tooBig("message is too big")
        case nil: break
        }
    }
}
