import Testing

@testable import Dialogue

@Suite struct HistoryWindowTests {
    /// Each of these costs 14 tokens: 10 for 40 characters, 4 for the message.
    private func message(_ role: Message.Role, _ name: String) -> Message {
        Message(role: role, text: name + String(repeating: ".", count: 40 - name.count))
    }

    private var conversation: [Message] {
        [message(.user, "u1"), message(.assistant, "a1"), message(.user, "u2"), message(.assistant, "a2")]
    }

    private func names(budget: Int, system: String = "", history: [Message]? = nil) -> [String] {
        HistoryWindow(tokenBudget: budget)
            .messages(systemPrompt: system, history: history ?? conversation, userText: "now")
            .map { String($0.text.prefix { $0 != "." }) }
    }

    @Test func `tokens are estimated from characters`() {
        #expect(HistoryWindow.estimatedTokens("") == 4)
        #expect(HistoryWindow.estimatedTokens("abcd") == 5)
        #expect(HistoryWindow.estimatedTokens("abcde") == 6)
    }

    @Test func `everything is kept if it fits`() {
        #expect(names(budget: 61) == ["u1", "a1", "u2", "a2", "now"])
        #expect(names(budget: 67, system: "be kind") == ["be kind", "u1", "a1", "u2", "a2", "now"])
    }

    @Test func `the oldest messages go first, and the rest begins with the user`() {
        #expect(names(budget: 60) == ["u2", "a2", "now"])
        #expect(names(budget: 33) == ["u2", "a2", "now"])
        #expect(names(budget: 32) == ["now"])
    }

    @Test func `system and user messages are kept whatever the budget`() {
        #expect(names(budget: 0, system: "be kind") == ["be kind", "now"])
        #expect(names(budget: -5) == ["now"])
        let history = [message(.system, "rule")] + conversation
        #expect(names(budget: 20, history: history) == ["rule", "now"])
    }

    @Test func `nothing older than the first message that does not fit is kept`() {
        let history = [
            Message(role: .user, text: "old"), message(.assistant, "long" + String(repeating: "x", count: 30)),
            Message(role: .user, text: "new"),
        ]
        #expect(names(budget: 15, history: history) == ["new", "now"])
    }

    @Test func `messages of which nothing was heard are left out`() {
        #expect(names(budget: 100, history: [Message(role: .assistant, text: "")]) == ["now"])
    }
}
