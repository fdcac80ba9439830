import Telemetry
import Testing

@testable import Dialogue

@Suite struct AnswerDecoderTests {
    private func delta(_ content: String) -> String {
        #"data: {"choices":[{"index":0,"delta":{"content":"\#(content)"},"finish_reason":null}]}"# + "\n\n"
    }

    private let stop = #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
    private let done = "data: [DONE]\n\n"

    /// The text and the end of an answer, fed byte by byte or at once.
    private func decode(_ stream: String, byByte: Bool = false) -> AnswerDecoder.Output {
        var decoder = AnswerDecoder()
        var all = AnswerDecoder.Output()
        func add(_ output: AnswerDecoder.Output) {
            all.text += output.text
            all.toolCalls += output.toolCalls
            all.usage = output.usage ?? all.usage
            all.hasProgress = all.hasProgress || output.hasProgress
            all.end = all.end ?? output.end
        }
        if byByte {
            for byte in stream.utf8 { add(decoder.feed([byte])) }
        } else {
            add(decoder.feed(Array(stream.utf8)))
        }
        add(decoder.finish())
        return all
    }

    @Test(arguments: [true, false])
    func `tokens become text up to the end mark`(byByte: Bool) {
        let stream =
            #"data: {"choices":[{"delta":{"role":"assistant","content":null}}]}"# + "\n\n: ping\n\n" + delta("Hällo")
            + delta(" you") + stop + #"data: {"choices":[],"usage":{"total_tokens":5}}"# + "\n\n" + done
        #expect(decode(stream, byByte: byByte) == .init(text: "Hällo you", hasProgress: true, end: .complete))
    }

    @Test func `a reason to finish or the end mark alone is enough`() {
        #expect(decode(delta("Hi") + stop).end == .complete)
        #expect(decode(delta("Hi") + done).end == .complete)
        #expect(decode(delta("Hi") + "data: [DONE]").end != .complete)
        #expect(decode(delta("Hi") + "data: [DONE]\n").end == .complete)
    }

    @Test func `an answer that breaks off is not complete`() {
        guard case .failed(.unreachable) = decode(delta("Hi")).end else {
            Issue.record("broken answers must fail")
            return
        }
    }

    @Test func `roles and empty contents are no progress, thoughts are`() {
        var decoder = AnswerDecoder()
        let role = #"data: {"choices":[{"delta":{"role":"assistant","content":""}}]}"# + "\n\n"
        #expect(decoder.feed(Array(role.utf8)) == .init())
        let thought = #"data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}"# + "\n\n"
        #expect(decoder.feed(Array(thought.utf8)) == .init(hasProgress: true))
        #expect(decoder.feed(Array(delta("<think>hm").utf8)) == .init(hasProgress: true))
        #expect(decoder.feed(Array(delta("</think> Hi").utf8)) == .init(text: "Hi", hasProgress: true))
    }

    @Test func `what was held back comes out at the end`() {
        #expect(decode(delta("a <") + done) == .init(text: "a <", hasProgress: true, end: .complete))
    }

    @Test(arguments: ["", "<think>only thoughts</think>", "  \\n "])
    func `an answer without text fails`(content: String) {
        #expect(decode(delta(content) + done).end == .failed(.emptyAnswer))
    }

    @Test(arguments: [
        (#"{"error":{"message":"overloaded","code":503}}"#, 503, nil),
        (#"{"error":{"message":"bad","code":"invalid"}}"#, 200, "invalid"), (#"{"error":"broken"}"#, 200, nil),
        (#"{"error":{"code":99999}}"#, 200, nil),
    ])
    func `errors inside the stream are told by status and word`(data: String, status: Int, word: String?) {
        let output = decode(delta("Hi") + "data: \(data)\n\n" + done)
        #expect(
            output
                == .init(
                    text: "Hi",
                    hasProgress: true,
                    end: .failed(.refused(status: status, word: word.flatMap { MachineWord($0) }))
                )
        )
    }

    @Test(arguments: ["not json", "[1,2]", #"{"choices":3}"#, #"{"choices":[{"delta":{"content":5}}]}"#])
    func `garbage is told`(data: String) {
        guard case .failed(.malformed) = decode("data: \(data)\n\n").end else {
            Issue.record("garbage must fail")
            return
        }
    }

    @Test func `only the first choice speaks`() {
        let second = #"data: {"choices":[{"index":1,"delta":{"content":"no"}}]}"# + "\n\n"
        #expect(decode(second + delta("yes") + done).text == "yes")
    }

    @Test func `answers are bounded`() {
        let long = String(repeating: "x", count: 100_000)
        #expect(decode(delta(long) + delta(long) + done).end == .complete)
        let over = decode(delta(long) + delta(long) + delta("x") + done)
        #expect(over.end == .failed(.textTooLong(limit: 200_000)))
        #expect(over.text.count == 200_000)
        guard case .failed(.malformed) = decode(String(repeating: "x", count: 1_000_001)).end else {
            Issue.record("a line too long must fail")
            return
        }
    }

    @Test func `after the end nothing more comes out`() {
        var decoder = AnswerDecoder()
        #expect(decoder.feed(Array((delta("a") + done).utf8)).end == .complete)
        #expect(decoder.feed(Array(delta("b").utf8)) == .init())
        #expect(decoder.finish() == .init())
    }

    @Test(arguments: [true, false])
    func `calls of tools come in pieces, and are an answer without text`(byByte: Bool) {
        let stream = [
            #"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}}]}"#,
            #"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]}}]}"#,
            #"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"function":{}}]}}]}"#,
            #"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
        ].map { "data: \($0)\n\n" }.joined()
        let output = decode(stream, byByte: byByte)
        #expect(output.end == .complete)
        #expect(output.text == "")
        #expect(
            output.toolCalls == [
                ToolCallPiece(index: 0, id: "a", name: "f"), ToolCallPiece(index: 0, arguments: #"{"x""#),
                ToolCallPiece(index: 0, arguments: ":1}"), ToolCallPiece(index: 1),
            ]
        )
    }

    @Test func `usage is told in the last piece, or behind the end`() {
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"# + "\n\n"
        #expect(decode(usage + delta("Hi") + done).usage == TokenUsage(prompt: 3, completion: 4))
        var decoder = AnswerDecoder()
        #expect(decoder.feed(Array((delta("Hi") + stop).utf8)).end == .complete)
        #expect(decoder.feedBehindEnd(Array((usage + done).utf8)) == TokenUsage(prompt: 3, completion: 4))
        #expect(decoder.feedBehindEnd(Array(usage.utf8)) != nil)
    }
}
