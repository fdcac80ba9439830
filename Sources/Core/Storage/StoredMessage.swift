public import Foundation
internal import GRDB

/// Something that was said in a conversation.
public struct StoredMessage: Sendable, Equatable {
    /// Who speaks.
    public enum Role: String, Sendable, Codable {
        /// Instructions that are never spoken.
        case system
        /// The person.
        case user
        /// The answering side.
        case assistant
    }

    /// The session in which it was said.
    public let session: String
    /// Its place in the session, from 1 without gaps.
    public let sequence: Int
    /// Who said it.
    public var role: Role
    /// What was said; for the assistant, the part that was heard.
    public var text: String
    /// What was generated, where that differs from what was heard.
    public var generatedText: String?
    /// The turn it belongs to.
    public var turn: Int?
    /// When it was stored, to the millisecond.
    public let createdAt: Date
}

extension StoredMessage {
    static let columns = "session_id, sequence, role, text, generated_text, turn, created_at"

    init(_ message: NewMessage, session: String, sequence: Int, createdAt: Date) {
        self.session = session
        self.sequence = sequence
        role = message.role
        text = message.text
        generatedText = message.generatedText
        turn = message.turn
        self.createdAt = createdAt
    }

    init(row: Row) throws {
        session = row["session_id"]
        sequence = row["sequence"]
        let role: String = row["role"]
        guard let role = Role(rawValue: role) else {
            throw StorageError.invalid(what: "message", reason: "its role “\(role.forMessage)” is not known")
        }
        self.role = role
        text = row["text"]
        generatedText = row["generated_text"]
        turn = row["turn"]
        createdAt = Date(milliseconds: row["created_at"])
    }
}
