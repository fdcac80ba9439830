public import Dialogue

/// Does here what a responder has tools do. Without one, whoever reads `toolCalled` gives the result to the session.
public protocol ToolRunner: Sendable {
    /// The result of a call, for the responder. What it throws is told to the responder by its kind alone; the task is
    /// cancelled when the turn has ended.
    func run(_ call: ToolCall, in turn: TurnContext) async throws -> String
}
