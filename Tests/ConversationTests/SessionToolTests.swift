import Dialogue
import Foundation
import Storage
import Synchronization
import TestRedis
import Testing

@testable import Conversation

/// Tools that a responder has used in a session.
@Suite(.timeLimit(.minutes(5))) struct SessionToolTests {
    @Test func `a tool is run here, and the responder goes on with its result`() async throws {
        let thermometer = Thermometer()
        let session = session(CallingResponder(), tools: thermometer)
        let (events, record) = await turn(of: session)
        #expect(record?.outcome == .completed)
        #expect(record?.answer == "One moment. It is 21 degrees.")
        #expect(record?.heardAnswer == "One moment. It is 21 degrees.")
        let call = ToolCall(id: "a", name: "weather", arguments: "{}")
        #expect(thermometer.calls.elements == [call])
        #expect(events.contains(.toolCalled(1, call)))
        #expect(events.contains(.toolReturned(1, call: "a")))
        #expect(events.contains(.usage(1, TokenUsage(prompt: 5, completion: 7))))
    }

    @Test func `who reads the session may give the result`() async throws {
        let session = session(CallingResponder(), tools: nil)
        var reader = await session.reader()
        let tool = Task {
            while case .event(let event)? = await reader.next() {
                guard case .toolCalled(let turn, let call) = event.kind else { continue }
                await session.returnToolResult("21 degrees", of: call.id, in: turn)
                return
            }
        }
        #expect(await turn(of: session).record?.answer == "One moment. It is 21 degrees.")
        await tool.value
    }

    @Test func `a tool that fails tells the responder so`() async throws {
        let session = session(CallingResponder(), tools: Broken())
        #expect(await turn(of: session).record?.answer == "One moment. It is The tool failed: Failure..")
    }

    @Test func `tools are cancelled with their turn`() async throws {
        let endless = Endless()
        let session = session(CallingResponder(), tools: endless)
        await session.write("Hello")
        await endless.begun.wait(forCount: 1)
        await session.cancel()
        await endless.cancelled.wait(forCount: 1)
        await session.close()
    }

    /// Run by the peers, against a real model server.
    @Test(.enabled(if: realModel != nil, "ANTIPHON_MODEL_SERVER names no model server"))
    func `a tool call goes through a real model server and back`() async throws {
        let url = try #require(realModel)
        var configuration = ModelConfiguration(baseURL: url, model: "smollm2", systemPrompt: "Be brief.")
        // On a busy machine the small model takes its time.
        configuration.timeouts.firstToken = .seconds(60)
        let responder = try ModelResponder(configuration: configuration)
        let thermometer = Thermometer()
        let schema = """
            {"type": "object", "properties": {"unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
             "required": ["unit"]}
            """
        let weather = Tool(
            name: "weather",
            description: "Tells how warm it is.",
            parameters: try JSONObjectText(schema)
        )
        let options = PromptOptions(
            tools: [weather],
            toolChoice: .required,
            temperature: 0,
            tokenLimit: 48,
            wantsUsage: true
        )
        let session = session(responder, tools: thermometer, options)
        let (events, record) = await turn(of: session)
        #expect(record?.outcome == .completed)
        #expect(record?.answer.isEmpty == false)
        let call = try #require(thermometer.calls.elements.first)
        #expect(call.name == "weather")
        let arguments = try JSONSerialization.jsonObject(with: Data(call.arguments.utf8)) as? [String: String]
        #expect(["celsius", "fahrenheit"].contains(arguments?["unit"]))
        #expect(events.contains { if case .usage(1, let usage) = $0 { usage.completion > 0 } else { false } })
    }

    private func session(
        _ responder: any Responder,
        tools: (any ToolRunner)?,
        _ options: PromptOptions = PromptOptions()
    ) -> Session {
        var parts = SessionParts.fakes(responder: responder)
        parts.tools = tools
        var configuration = ConversationMachine.Configuration.of(.immediate)
        configuration.prompting = options
        return Session(id: "test", parts: parts, configuration: configuration)
    }

    private func turn(of session: Session) async -> (events: [ConversationEvent.Kind], record: Turn.Record?) {
        var listener = await session.listener()
        await session.write("How warm is it?")
        var events: [ConversationEvent.Kind] = []
        while let reading = await listener.next() {
            guard case .event(let event) = reading else { continue }
            if case .turnEnded(let record) = event.kind { return (events, record) }
            events.append(event.kind)
        }
        return (events, nil)
    }
}

private let realModel = ProcessInfo.processInfo.environment["ANTIPHON_MODEL_SERVER"]

/// Calls a tool, and answers with its result.
private struct CallingResponder: Responder {
    let name = "calling"

    func respond(to prompt: Prompt) -> Response {
        let pieces: [ResponsePiece] =
            if let result = prompt.toolMessages.last {
                [.text("It is \(result.text)."), .usage(TokenUsage(prompt: 5, completion: 7))]
            } else {
                [
                    .text("One moment. "), .toolCall(ToolCallPiece(index: 0, id: "a", name: "weather")),
                    .toolCall(ToolCallPiece(index: 0, arguments: "{}")),
                ]
            }
        let rest = Mutex(pieces[...])
        return Response { rest.withLock { $0.popFirst() } }
    }
}

private struct Thermometer: ToolRunner {
    let calls = Recorder<ToolCall>()

    func run(_ call: ToolCall, in turn: TurnContext) async throws -> String {
        calls.record(call)
        return "21 degrees"
    }
}

private struct Broken: ToolRunner {
    struct Failure: Error {}
    func run(_ call: ToolCall, in turn: TurnContext) async throws -> String { throw Failure() }
}

/// Does not return before it is cancelled.
private struct Endless: ToolRunner {
    let begun = Recorder<Void>()
    let cancelled = Recorder<Void>()

    func run(_ call: ToolCall, in turn: TurnContext) async throws -> String {
        begun.record(())
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            cancelled.record(())
            throw error
        }
        return ""
    }
}
