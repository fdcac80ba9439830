/// Something said, before it has its place in a session.
public struct NewMessage: Sendable, Equatable {
    /// Who said it.
    public var role: StoredMessage.Role
    /// What was said; for the assistant, the part that was heard. At most 256 KiB.
    public var text: String
    /// What was generated, where that differs from what was heard. At most 256 KiB.
    public var generatedText: String?
    /// The turn it belongs to.
    public var turn: Int?

    /// A message.
    public init(role: StoredMessage.Role, text: String, generatedText: String? = nil, turn: Int? = nil) {
        self.role = role
        self.text = text
        self.generatedText = generatedText
        self.turn = turn
    }

    func validate() throws {
        try Limits.require(text, "message", within: Limits.text)
        try Limits.require(generatedText ?? "", "generated text", within: Limits.text)
    }
}
