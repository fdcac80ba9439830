import ArgumentParser

/// The bytes that a client sends, for the two kinds of server.
enum Wire: String, ExpressibleByArgument {
    /// JSON messages in text frames.
    case messages
    /// The protocol of NATS in binary frames.
    case nats

    static let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    static let digits = 10
    /// What stands before a message's number, wherever it is delivered.
    static let mark = Array(#""seq":""#.utf8)

    func upgradeRequest(path: String) -> [UInt8] {
        Array(
            """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r

            """.utf8
        )
    }

    /// What is sent as soon as the connection is one of WebSocket, if anything.
    func greeting(subscribing: Bool) -> [UInt8]? {
        switch self {
        case .messages: nil
        case .nats:
            Self.frame(
                #"CONNECT {"verbose":false,"pedantic":false}"# + "\r\n" + (subscribing ? "SUB training 1\r\n" : "")
                    + "PING\r\n",
                opcode: 2
            )
        }
    }

    /// The message to publish. `padding` bytes of filling bring the delivery to its size.
    func publication(padding: Int) -> Publication {
        let data =
            #"{"seq":"0000000000","session_id":"7d5f2b1e-training","progress":0.4242,"current_epoch":17,"#
            + #""loss":0.173205,"metrics":{"accuracy":0.9321},"estimated_time_remaining":-1,"note":""#
            + String(repeating: "x", count: padding) + #""}"#
        let payload =
            switch self {
            case .messages:
                #"{"type":"publish","topic":"training","message_type":"training_progress","data":\#(data),"ack":false}"#
            case .nats: "PUB training \(data.utf8.count)\r\n\(data)\r\n"
            }
        let bytes = Array(payload.utf8)
        let mark = bytes.indices.first { bytes[$0...].starts(with: Self.mark) } ?? 0
        let frame = Self.frame(bytes, opcode: self == .nats ? 2 : 1)
        return Publication(frame: frame, payload: frame.count - bytes.count, number: mark + Self.mark.count)
    }

    static func frame(_ text: String, opcode: UInt8) -> [UInt8] {
        frame(Array(text.utf8), opcode: opcode)
    }

    /// One final, masked frame of less than 64 KiB.
    static func frame(_ payload: [UInt8], opcode: UInt8) -> [UInt8] {
        precondition(payload.count < 65_536, "a frame of the load is small")
        var frame: [UInt8] = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        return frame
    }
}

/// A masked frame that is sent again and again with another number in it.
struct Publication {
    let frame: [UInt8]
    /// Where the payload begins in the frame.
    let payload: Int
    /// Where the number's digits begin in the payload.
    let number: Int

    /// Appends the frame with `number` in it to `bytes`.
    func append(to bytes: inout [UInt8], number: Int) {
        let start = bytes.count + payload
        bytes += frame
        var rest = number
        for position in (self.number..<(self.number + Wire.digits)).reversed() {
            bytes[start + position] = (UInt8(ascii: "0") + UInt8(rest % 10)) ^ Wire.mask[position & 3]
            rest /= 10
        }
    }
}
