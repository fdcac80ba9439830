/// Chooses the part of a conversation that a model is given.
struct HistoryWindow: Sendable, Equatable {
    /// The most tokens the messages may have together, by estimate.
    var tokenBudget: Int

    /// About four characters make a token, and each message costs a few for its role.
    static func estimatedTokens(_ text: String) -> Int {
        (text.count + 3) / 4 + 4
    }

    /// The system prompt, the newest messages of `history` that fit, and what the user just said.
    ///
    /// System messages and the user's text are kept even if they exceed the budget alone. Where older messages are cut,
    /// the rest begins with the user, as some models require.
    ///
    /// `toolMessages` follow what the user said, all of them: without one of them the others have no meaning.
    func messages(
        systemPrompt: String,
        history: [Message],
        userText: String,
        toolMessages: [Message] = []
    ) -> [Message] {
        let user = Message(role: .user, text: userText)
        let spoken = history.filter { !$0.text.isEmpty }
        var left = tokenBudget - Self.estimatedTokens(userText)
        for message in toolMessages { left -= Self.estimatedTokens(message.text) }
        if !systemPrompt.isEmpty { left -= Self.estimatedTokens(systemPrompt) }
        for message in spoken where message.role == .system { left -= Self.estimatedTokens(message.text) }

        var kept: [Message] = []
        var isCut = false
        for message in spoken.reversed() {
            if message.role == .system {
                kept.append(message)
                continue
            }
            left -= Self.estimatedTokens(message.text)
            isCut = isCut || left < 0
            if !isCut { kept.append(message) }
        }
        kept.reverse()
        if isCut, let first = kept.firstIndex(where: { $0.role != .system }), kept[first].role == .assistant {
            kept.remove(at: first)
        }
        let system = systemPrompt.isEmpty ? [] : [Message(role: .system, text: systemPrompt)]
        return system + kept + [user] + toolMessages
    }
}
