import Audio
import Conversation
import Dialogue
import NIOCore
import Serving
import Speech
import Storage
import WebSocket

/// Serves one socket of a conversation: what the client sends goes into the session, what happens there goes out. The
/// session ends with the socket.
actor ConversationSocket {
    private let stream: WebSocketStream
    private let session: Session
    private let responder: ChosenResponder
    private let longestText: Int
    private let ready: JSONValue
    private var view: ConversationView
    private var turnTaking: TurnTaking
    private var sound: SocketSound

    init(
        _ stream: WebSocketStream,
        session: Session,
        responder: ChosenResponder,
        view: ConversationView,
        manner: SocketManner,
        longestText: Int,
        ready: JSONValue
    ) {
        self.stream = stream
        self.session = session
        self.responder = responder
        self.view = view
        turnTaking = manner.turnTaking
        sound = SocketSound(sampleRate: manner.sampleRate)
        self.longestText = longestText
        self.ready = ready
    }

    /// Serves until the client goes or the session ends.
    func run() async {
        let reader = await session.listener(from: 1)
        guard await send(ready) else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.tell(reader) }
            group.addTask { await self.obey() }
            // Whoever ends first ends the other: without a client nobody listens, without a session nobody answers.
            _ = await group.next()
            group.cancelAll()
        }
        await stream.close(.normal)
    }

    // MARK: From the session

    private func tell(_ reader: SessionReader) async {
        var reader = reader
        while let reading = await reader.next() {
            let messages: [JSONValue] =
                switch reading {
                case .event(let event): view.happened(event.kind)
                case .sound(let piece): view.spoke(piece)
                case .lost(let count): [error("\(count) events were lost, because you read too slowly.")]
                case .soundHandedOver: []
                }
            for message in messages {
                guard await send(message) else { return }
            }
        }
        // The server stops, or the session was idle for too long; the client may come back.
        if !Task.isCancelled { await stream.close(.goingAway, reason: "The conversation has ended.") }
    }

    // MARK: From the client

    private func obey() async {
        for await message in stream {
            do {
                switch message {
                case .binary(let bytes): try await hear(sound.take(bytes.readableBytesView))
                case .text(let text): if try await !obey(Array(text.readableBytesView)) { return }
                }
            } catch let mistake as SocketMistake {
                guard await send(error(mistake.message)) else { return }
            } catch {
                _ = await send(self.error("Sound cannot be heard here now: \(Self.reason(error))"))
                await stream.close(.serverError, reason: "The speech engines failed.")
                return
            }
        }
    }

    private static func reason(_ error: any Error) -> String {
        (error as? SpeechError)?.description ?? (error as? AudioError)?.description ?? "It failed."
    }

    private func hear(_ sound: PCM) async throws {
        guard !sound.isEmpty else { return }
        do {
            try await session.hear(sound)
        } catch let error as AudioError {
            throw SocketMistake(error.description)
        }
    }

    /// Does what a text message asks for; false when that is the end.
    private func obey(_ bytes: [UInt8]) async throws -> Bool {
        let command = try SocketCommand(
            bytes,
            dialect: view.dialect,
            sampleRate: sound.sampleRate,
            longestText: longestText
        )
        switch command {
        case .unknown: return true
        case .sound(.samples(let samples)): try await hear(samples)
        case .sound(.file(let bytes)): try await hear(SocketSound.decode(file: bytes))
        case .write(let text): await session.write(text)
        case .cancel: await session.cancel()
        case .endUtterance: await session.endUtterance()
        case .heard(let turn, let position):
            if let turn { await session.acknowledge(turn, upTo: position) } else { await acknowledge(position) }
        case .toolResult(let turn, let call, let result):
            guard let turn = if let turn { turn } else { await session.currentTurn?.id } else { return true }
            await session.returnToolResult(result, of: call, in: turn)
        case .settings(let members): return await send(try await change(members))
        case .statistics: return await send(view.statistics(mode: responder.mode))
        case .ping: return await send(["type": "pong", "message": "pong"])
        case .change(let mode):
            responder.choose(mode)
            return await send(
                [
                    "type": "mode_changed", "message": .string("\(mode.rawValue) answers now."),
                    "mode": .string(mode.rawValue),
                ]
            )
        case .reset:
            await session.reset()
            view.reset()
            return await send(["type": "reset_complete", "message": "The conversation begins anew."])
        case .stop:
            let isFirst = view.dialect == .first
            _ = await send(
                ["type": isFirst ? "conversation_stopped" : "stopping", "message": "The conversation ends."]
            )
            return false
        }
        return true
    }

    private func acknowledge(_ position: Duration) async {
        if let turn = await session.currentTurn?.id { await session.acknowledge(turn, upTo: position) }
    }

    private func change(_ members: [String: JSONValue]) async throws -> JSONValue {
        var fields = FieldReader(members: members.filter { $0.key != "action" })
        var manner = turnTaking
        manner.change(by: &fields)
        let partials = fields.bool("partials")
        do {
            try fields.check()
        } catch {
            throw SocketMistake(error.message)
        }
        turnTaking = manner
        view.sendsPartials = partials ?? view.sendsPartials
        view.holds = manner.interruption == .twoStep
        await session.use(manner)
        return ["type": "settings_changed", "message": "Turns are taken so from now on.", "config": manner.json]
    }

    // MARK: Messages

    private func error(_ text: String) -> JSONValue { ["type": "error", "message": .string(text)] }

    /// False when the client is gone.
    private func send(_ message: JSONValue) async -> Bool {
        (try? await stream.send(.text(ByteBuffer(bytes: message.bytes)))) != nil
    }
}

extension TurnTaking {
    /// What clients are told of it.
    var json: JSONValue {
        func milliseconds(_ duration: Duration) -> JSONValue { .number(duration.milliseconds.rounded(places: 0)) }
        return [
            "turn_policy": .string(endpointing.rawValue), "interruption": .string(interruption.rawValue),
            "min_silence_ms": milliseconds(minimumSilence), "silence_ms": milliseconds(silence),
            "max_silence_ms": milliseconds(maximumSilence),
        ]
    }
}
