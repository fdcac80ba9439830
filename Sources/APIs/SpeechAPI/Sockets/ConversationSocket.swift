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
    private let link: SocketLink
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
        link = SocketLink(stream: stream)
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
        guard await link.send(ready) else { return }
        await link.run({ await self.tell(reader) }, { await self.obey() })
    }

    private func tell(_ reader: SessionReader) async {
        var reader = reader
        while let reading = await reader.next() {
            switch reading {
            case .event(let event): guard await send(view.happened(event.kind)) else { return }
            case .sound(let piece): guard await send(view.spoke(piece)) else { return }
            case .lost(let count):
                guard await link.complain("\(count) events were lost, because you read too slowly.") else { return }
            case .soundHandedOver: break
            }
        }
        await link.endConversation()
    }

    private func send(_ messages: [JSONValue]) async -> Bool {
        for message in messages {
            guard await link.send(message) else { return false }
        }
        return true
    }

    // MARK: From the client

    private func obey() async {
        await link.read { message in
            switch message {
            case .binary(let bytes):
                try await session.hear(fromSocket: sound.take(bytes.readableBytesView))
                return true
            case .text(let text): return try await obey(Array(text.readableBytesView))
            }
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
        case .sound(.samples(let samples)): try await session.hear(fromSocket: samples)
        case .sound(.file(let bytes)): try await session.hear(fromSocket: SocketSound.decode(file: bytes))
        case .write(let text): await session.write(text)
        case .cancel: await session.cancel()
        case .endUtterance: await session.endUtterance()
        case .heard(let turn, let position):
            if let turn { await session.acknowledge(turn, upTo: position) } else { await acknowledge(position) }
        case .toolResult(let turn, let call, let result):
            guard let turn = if let turn { turn } else { await session.currentTurn?.id } else { return true }
            await session.returnToolResult(result, of: call, in: turn)
        case .settings(let members): return await link.send(try await change(members))
        case .statistics: return await link.send(view.statistics(mode: responder.mode))
        case .ping: return await link.send(["type": "pong", "message": "pong"])
        case .change(let mode):
            responder.choose(mode)
            return await link.send(
                [
                    "type": "mode_changed", "message": .string("\(mode.rawValue) answers now."),
                    "mode": .string(mode.rawValue),
                ]
            )
        case .reset:
            await session.reset()
            view.reset()
            return await link.send(["type": "reset_complete", "message": "The conversation begins anew."])
        case .stop:
            let isFirst = view.dialect == .first
            _ = await link.send(
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
