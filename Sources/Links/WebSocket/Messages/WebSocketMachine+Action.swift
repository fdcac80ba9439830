public import NIOCore
public import Resilience

extension WebSocketMachine {
    /// What the owner of a connection is to do.
    public enum Action: Sendable, Equatable {
        /// A message arrived.
        case message(WebSocketMessage)
        /// A pong arrived, with the payload of the ping it answers.
        case pong(ByteBuffer)
        /// Write these bytes, an encoded frame, and go on.
        case send(ByteBuffer)
        /// The peer sends more than it may: close. What was one too many is neither delivered nor answered.
        case tooMuch(RateLimit.Excess)
        /// Write these bytes, if any, then shut the connection down; nothing more is delivered.
        ///
        /// With `byPeer` the peer sent this code and reason: either it closes, and the bytes are the echo, or it has
        /// confirmed our close and there are none. Otherwise the peer broke a rule or a limit, and code and reason are
        /// what the bytes tell it.
        case close(ByteBuffer?, CloseCode, reason: String, byPeer: Bool)
    }
}
