public import NIOCore

/// One event of a `text/event-stream` (WHATWG HTML, server-sent events).
public struct ServerSentEvent: Sendable {
    private let text: String

    /// An event whose data is the JSON of `value`.
    public init(data value: JSONValue) {
        text = "data: \(String(decoding: value.bytes, as: UTF8.self))\n\n"
    }

    /// The event that ends OpenAI's streams.
    public static let done = ServerSentEvent(text: "data: [DONE]\n\n")

    private init(text: String) {
        self.text = text
    }

    /// The event as it is sent.
    public var buffer: ByteBuffer { ByteBuffer(string: text) }
}
