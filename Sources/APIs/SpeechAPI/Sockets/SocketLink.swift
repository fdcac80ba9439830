import Audio
import Conversation
import NIOCore
import Serving
import Speech
import WebSocket

/// The line to one client, for those who serve its socket: JSON out, and what comes in with its mistakes told.
struct SocketLink: Sendable {
    let stream: WebSocketStream

    /// Runs both directions until one of them ends, which ends the other: without a client nobody listens, without a session
    /// nobody answers. Then closes.
    func run(
        _ tell: @escaping @Sendable () async -> Void,
        _ obey: @escaping @Sendable () async -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await tell() }
            group.addTask { await obey() }
            _ = await group.next()
            group.cancelAll()
        }
        await stream.close(.normal)
    }

    /// Sends a message when the client has taken most of those before. False when it is gone.
    func send(_ message: JSONValue) async -> Bool {
        (try? await stream.send(.text(ByteBuffer(bytes: message.bytes)))) != nil
    }

    /// Tells what went wrong. False when the client is gone.
    func complain(_ text: String) async -> Bool { await send(["type": "error", "message": .string(text)]) }

    /// Says that the server ends the conversation, so that the client may come back; not when the client has ended it.
    func endConversation() async {
        guard !Task.isCancelled else { return }
        await stream.close(.goingAway, reason: "The conversation has ended.")
    }

    /// Gives each message to `take`, until that returns false or the client is gone. A `SocketMistake` is told and the
    /// connection stays open; after any other error it is closed, for nothing can be heard any more.
    func read(_ take: (WebSocketMessage) async throws -> Bool) async {
        for await message in stream {
            do {
                guard try await take(message) else { return }
            } catch let mistake as SocketMistake {
                guard await complain(mistake.message) else { return }
            } catch {
                let reason = (error as? SpeechError)?.description ?? "The speech engines failed."
                _ = await complain("Sound cannot be heard here now: \(reason)")
                return await stream.close(.serverError, reason: "The speech engines failed.")
            }
        }
    }
}

extension Session {
    /// Hears what a client sends. Throws `SocketMistake` for sound that is none of a kind that can be heard, and `SpeechError`.
    func hear(fromSocket sound: PCM) async throws {
        guard !sound.isEmpty else { return }
        do {
            try await hear(sound)
        } catch let error as AudioError {
            throw SocketMistake(error.description)
        }
    }
}
