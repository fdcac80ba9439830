import NIOCore
import TestRandom

@testable import WebSocket

extension SeededGenerator {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }
}

/// The bytes of a frame, put together in the plainest way so as to check the encoder and the decoder against it.
func wire(_ first: UInt8, _ payload: [UInt8] = [], masked: Bool = true, key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D])
    -> [UInt8]
{
    var bytes = [first]
    let mask: UInt8 = masked ? 0x80 : 0
    if payload.count <= 125 {
        bytes.append(mask | UInt8(payload.count))
    } else if payload.count <= 65535 {
        bytes.append(mask | 126)
        bytes += [UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    } else {
        bytes.append(mask | 127)
        bytes += (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 255) }
    }
    guard masked else { return bytes + payload }
    return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
}

func text(_ string: String) -> WebSocketMachine.Action { .message(.text(ByteBuffer(string: string))) }
func binary(_ bytes: [UInt8]) -> WebSocketMachine.Action { .message(.binary(ByteBuffer(bytes: bytes))) }

extension WebSocketMachine {
    /// Everything that comes out when `bytes` arrive in pieces of at most `size` bytes.
    mutating func feed(_ bytes: [UInt8], pieces size: Int = .max) -> [Action] {
        var actions: [Action] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            receive(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let action = next() { actions.append(action) }
        }
        return actions
    }

    mutating func feed(_ buffer: ByteBuffer?, pieces size: Int = .max) -> [Action] {
        feed(Array(buffer: buffer ?? ByteBuffer()), pieces: size)
    }
}

extension WebSocketMachine.Action {
    /// The code and the reason with which a violation closed the connection.
    var violation: (code: CloseCode, reason: String)? {
        if case .close(_, let code, let reason, byPeer: false) = self { (code, reason) } else { nil }
    }
}

/// The code that a server answers these bytes with, nil when the connection stays open.
func serverVerdict(
    _ bytes: [UInt8],
    limits: WebSocketLimits = WebSocketLimits(),
    compression: CompressionParameters? = nil
) -> CloseCode? {
    var machine = WebSocketMachine(role: .server, limits: limits, compression: compression)
    return machine.feed(bytes).last?.violation?.code
}
