import CEpoll
import Glibc

extension LoadGenerator {
    /// Reads what the socket of the client at `index` has and takes the whole frames from it.
    mutating func read(_ index: Int) {
        let carry = clients[index].hasCarry ? carried[index] ?? [] : []
        let space = UnsafeMutableRawBufferPointer(rebasing: buffer[carry.count...].prefix(Self.readSize))
        let count = recv(clients[index].socket, space.baseAddress, space.count, 0)
        guard count > 0 else {
            guard count == 0 || (errno != EAGAIN && errno != EINTR) else { return }
            if clients[index].state != .ready {
                failure = "the server closed a connection before it had answered the handshake"
            }
            counts.closed += 1
            drop(index)
            return
        }
        if clients[index].hasCarry {
            buffer.copyBytes(from: carry)
            clients[index].hasCarry = false
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<(carry.count + count)])
        var start = 0
        if clients[index].state == .upgrading {
            guard let end = endOfHead(bytes) else { return keep(bytes, of: index) }
            start = end
            upgraded(index)
        }
        takeFrames(UnsafeRawBufferPointer(rebasing: bytes[start...]), of: index)
    }

    private mutating func takeFrames(_ bytes: UnsafeRawBufferPointer, of index: Int) {
        let now = monotonicNow()
        var start = 0
        while bytes.count - start >= 2 {
            var header = 2
            var length = Int(bytes[start + 1] & 0x7F)
            if length == 126 {
                header = 4
                guard bytes.count - start >= header else { break }
                length = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
            } else if length == 127 {
                header = 10
                guard bytes.count - start >= header else { break }
                length = (0..<8).reduce(0) { $0 << 8 | Int(bytes[start + 2 + $1]) }
            }
            guard length < Self.readSize / 2 else { return failure = "the server sent a frame of \(length) bytes" }
            guard bytes.count - start >= header + length else { break }
            let payload = UnsafeRawBufferPointer(rebasing: bytes[(start + header)..<(start + header + length)])
            let opcode = bytes[start] & 0x0F
            start += header + length
            if opcode == 1 || opcode == 2 {
                deliverySize = header + length
                switch target.wire {
                case .messages: takeMessage(payload, of: index, now)
                case .nats: takeNATS(payload, of: index, now)
                }
            } else if opcode == 9 {
                reply(Wire.frame(Array(payload), opcode: 10), from: index)
            } else if opcode != 8 && opcode != 10 {
                failure = "the server sent a frame of kind \(opcode)"
            }
            // A stalled client stops in the middle of whatever it was sent.
            if clients[index].state == .closed || clients[index].role == .stalled { return }
        }
        if start < bytes.count { keep(UnsafeRawBufferPointer(rebasing: bytes[start...]), of: index) }
    }

    private mutating func takeMessage(_ payload: UnsafeRawBufferPointer, of index: Int, _ now: UInt64) {
        if let number = number(in: payload) { return deliver(number, to: index, now) }
        if clients[index].state == .waiting { becomeReady(index) }  // The welcome.
        if payload.starts(with: #"{"type":"ping""#.utf8) {
            reply(Wire.frame(#"{"type":"pong"}"#, opcode: 1), from: index)
        }
    }

    /// A frame of NATS holds whole protocol lines, as many as the server had to send.
    private mutating func takeNATS(_ payload: UnsafeRawBufferPointer, of index: Int, _ now: UInt64) {
        var rest = payload
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = rest[..<end]
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
            if line.starts(with: "MSG ".utf8) {
                let digits = line.dropLast().reversed().prefix { $0 != UInt8(ascii: " ") }.reversed()
                let size = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
                guard rest.count >= size + 2, let number = number(in: UnsafeRawBufferPointer(rebasing: rest[..<size]))
                else {
                    return failure = "the server divided a message over frames"
                }
                deliver(number, to: index, now)
                rest = UnsafeRawBufferPointer(rebasing: rest[(size + 2)...])
            } else if line.starts(with: "PONG".utf8) {
                if clients[index].state == .waiting { becomeReady(index) }
            } else if line.starts(with: "PING".utf8) {
                reply(Wire.frame("PONG\r\n", opcode: 2), from: index)
            } else if line.starts(with: "-ERR".utf8) {
                failure = "the server said: \(String(decoding: line, as: UTF8.self))"
            }
        }
    }

    /// The number of a delivered message: where the last one had it or, if it is not there, wherever it is.
    private mutating func number(in payload: UnsafeRawBufferPointer) -> Int? {
        let size = Wire.mark.count + Wire.digits
        guard let base = payload.baseAddress, payload.count >= size else { return nil }
        if numberOffset + size > payload.count || memcmp(base + numberOffset, Wire.mark, Wire.mark.count) != 0 {
            guard let found = memmem(base, payload.count, Wire.mark, Wire.mark.count) else { return nil }
            let offset = UnsafeRawPointer(found) - base
            guard offset + size <= payload.count else { return nil }
            numberOffset = offset
        }
        var number = 0
        for digit in 0..<Wire.digits {
            number = number * 10 + Int(payload[numberOffset + Wire.mark.count + digit] &- UInt8(ascii: "0"))
        }
        return number
    }

    private mutating func reply(_ frame: [UInt8], from index: Int) {
        // Behind a publication that has been sent in part, it would be a part of that.
        if clients[index].role == .publisher {
            unsent += frame
        } else if !Socket.send(frame, on: clients[index].socket) {
            failure = "cannot answer a ping"
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, of index: Int) {
        carried[index] = Array(bytes)
        clients[index].hasCarry = true
    }

    /// Where the bytes behind the head of a response of 101 begin; nil if the head has not come in full.
    private mutating func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let blank = Array("\r\n\r\n".utf8)
        guard let base = bytes.baseAddress, let found = memmem(base, bytes.count, blank, blank.count) else {
            return nil
        }
        if !bytes.starts(with: "HTTP/1.1 101 ".utf8) {
            failure = "the server refused the handshake: \(String(decoding: bytes.prefix(300), as: UTF8.self))"
        }
        return UnsafeRawPointer(found) - base + blank.count
    }
}
