import NIOCore
import TestRedis
import TestWebSocket
import Testing
import WebSocket

/// Connections as a server sees them.
typealias ServerSockets = Recorder<ServerSocket>

extension WebSocketMessage {
    static func text(_ string: String) -> WebSocketMessage { .text(ByteBuffer(string: string)) }

    var string: String { String(buffer: payload) }
}

/// The text of a message as a server's frame.
func frame(_ string: String) -> ByteBuffer { FrameEncoder.frame(.text, ByteBuffer(string: string)) }

/// A text that begins with a number and has so many bytes.
func numbered(_ number: Int, bytes: Int) -> String {
    let digits = "\(number) "
    return digits + String(repeating: "x", count: bytes - digits.utf8.count)
}

/// The number that a text begins with.
func number(of text: String) -> Int? { Int(text.prefix { $0 != " " }) }

extension WebSocketStream {
    /// Reads until the end.
    func texts() async -> [String] {
        var texts: [String] = []
        for await message in self { texts.append(message.string) }
        return texts
    }

    /// The next message.
    func next() async -> WebSocketMessage? {
        var messages = makeAsyncIterator()
        return await messages.next()
    }
}
