import NIOCore
import Synchronization

/// A WebSocket for tasks: messages to read as an asynchronous sequence, and to send with back-pressure.
///
/// While nobody reads, at most a few messages are taken from the network; then the peer has to wait.
public final class WebSocketStream: Sendable {
    /// How the connection ended.
    public struct Ending: Sendable, Equatable {
        /// The close code; `abnormal` when the connection broke.
        public let code: CloseCode
        /// The reason, as the side that closed gave it.
        public let reason: String
    }

    /// The subprotocol that was agreed on.
    public let subprotocol: String?
    let mailbox: Mailbox
    private let eventLoop: any EventLoop
    private let connection: NIOLoopBound<WebSocketConnection>

    /// The connection as a stream. To be called on the connection's event loop.
    init(_ connection: WebSocketConnection, mailbox: Mailbox, subprotocol: String?) {
        self.mailbox = mailbox
        self.subprotocol = subprotocol
        eventLoop = connection.eventLoop
        self.connection = NIOLoopBound(connection, eventLoop: connection.eventLoop)
    }

    deinit {
        // Nobody can read from it or write to it any more.
        eventLoop.execute { [connection] in connection.value.abort() }
    }

    /// How the connection ended; nil while it is open.
    public var ending: Ending? { mailbox.ending }

    /// Sends a message, when the peer has read most of what lies before it. Throws `WebSocketClosed` if the connection is
    /// closed, and `CancellationError` if the task is cancelled while it waits.
    public func send(_ message: WebSocketMessage) async throws {
        try await mailbox.waitForRoom()
        let outcome = try await eventLoop.submit { [connection, mailbox] in
            // The sender has waited: a message finds room, also one that is larger than what may wait.
            let outcome = connection.value.answer(message)
            mailbox.written(queuedBytes: connection.value.queuedBytes)
            return outcome
        }.get()
        switch outcome {
        case .sent, .queued, .queuedDropping: break
        case .dropped, .overflowed, .closed: throw WebSocketClosed(ending: ending)
        }
    }

    /// Closes the connection, and returns when it is closed.
    public func close(_ code: CloseCode = .normal, reason: String = "") async {
        eventLoop.execute { [connection] in connection.value.close(code, reason: reason) }
        await mailbox.waitForEnding()
    }
}

extension WebSocketStream: AsyncSequence {
    /// Reads the messages. When several tasks read a connection each message goes to one of them.
    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// Reads the messages of a connection.
    public struct Iterator: AsyncIteratorProtocol {
        let stream: WebSocketStream

        /// The next message; nil when the connection is closed (`WebSocketStream.ending` says how) or the task cancelled.
        public mutating func next() async -> WebSocketMessage? {
            guard let (message, mustResume) = await stream.mailbox.next() else { return nil }
            if mustResume { stream.resumeReading() }
            return message
        }
    }

    private func resumeReading() {
        eventLoop.execute { [connection] in connection.value.setReading(true) }
    }
}

/// The connection is closed, so nothing can be sent.
public struct WebSocketClosed: Error, CustomStringConvertible {
    /// How it ended; nil if it is closing.
    public let ending: WebSocketStream.Ending?

    /// One sentence.
    public var description: String {
        guard let ending else { return "The connection is closing." }
        return
            "The connection was closed (\(ending.code.rawValue)\(ending.reason.isEmpty ? "" : ": " + ending.reason))."
    }
}
