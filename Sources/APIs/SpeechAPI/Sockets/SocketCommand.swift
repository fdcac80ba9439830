import Audio
import Conversation
import Serving
import Storage

/// What the client of a conversation's socket asks for in a text message.
enum SocketCommand: Sendable, Equatable {
    /// Forget the conversation so far.
    case reset
    /// From now on these answer.
    case change(SocketManner.Mode)
    case ping
    /// Say goodbye and close.
    case stop
    /// Say how the conversation went so far.
    case statistics
    /// Answer this as if it had been said.
    case write(String)
    /// Take turns so from now on.
    case settings([String: JSONValue])
    /// Give the answer up.
    case cancel
    /// The utterance is over, as when a button is let go.
    case endUtterance
    /// The answer of a turn, or of the one that goes on, was heard up to there.
    case heard(Turn.ID?, Duration)
    /// The result of a tool that the answer called.
    case toolResult(Turn.ID?, call: String, result: String)
    case sound(SocketSound.Message)
    /// Nothing that is known here; passed over.
    case unknown

    /// Reads a message. Throws a sentence for the client.
    init(_ bytes: [UInt8], dialect: ConversationView.Dialect, sampleRate: Int, longestText: Int) throws(SocketMistake) {
        guard let value = try? JSONValue(parsing: bytes), let members = value.members else {
            throw SocketMistake("The message is no JSON object; send {\"action\": …}, or sound in binary frames.")
        }
        if let sound = try SocketSound.json(members, standardRate: sampleRate) {
            self = .sound(sound)
            return
        }
        switch members["action"] {
        case "reset": self = .reset
        case "change_response_mode" where dialect == .first, "change_mode":
            guard case .string(let name)? = members["mode"], let mode = SocketManner.Mode(rawValue: name) else {
                let names = SocketManner.Mode.allCases.map(\.rawValue).joined(separator: ", ")
                throw SocketMistake("mode must be one of \(names).")
            }
            self = .change(mode)
        case "ping": self = .ping
        case "stop": self = .stop
        case "stats": self = .statistics
        case "cancel": self = .cancel
        case "end_utterance", "commit": self = .endUtterance
        case "settings": self = .settings(members)
        case "text":
            guard case .string(let text)? = members["text"], text.contains(where: { !$0.isWhitespace }) else {
                throw SocketMistake("text must be what the user writes.")
            }
            guard text.count <= longestText else {
                throw SocketMistake("text has \(text.count) characters; at most \(longestText) are allowed.")
            }
            self = .write(text)
        case "heard":
            guard case .number(let heard)? = members["heard_ms"], heard >= 0, heard < 86_400_000 else {
                throw SocketMistake("heard_ms must be how much of the answer was heard, in milliseconds.")
            }
            self = .heard(Self.turn(members), .microseconds(Int64(heard * 1000)))
        case "tool_result":
            guard case .string(let call)? = members["id"], case .string(let result)? = members["result"],
                result.utf8.count <= 100_000
            else { throw SocketMistake("tool_result needs id and result, a text of at most 100000 bytes.") }
            self = .toolResult(Self.turn(members), call: call, result: result)
        default: self = .unknown
        }
    }

    private static func turn(_ members: [String: JSONValue]) -> Turn.ID? {
        guard case .number(let number)? = members["turn"] else { return nil }
        return Int(exactly: number)
    }
}
