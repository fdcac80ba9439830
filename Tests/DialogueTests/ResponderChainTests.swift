import Dialogue
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResponderChainTests {
    let broken = ResponderError(responder: "model", code: .unreachable(reason: "the connection was refused"))

    @Test func `the first responder answers if it can`() async throws {
        let chain = ResponderChain([FakeResponder(texts: ["a", "b"]), FakeResponder(texts: ["c"])])
        #expect(
            try await pieces(of: chain.respond(to: Prompt("x"))) == [.answering(by: "fake"), .text("a"), .text("b")]
        )
    }

    @Test func `the next takes over from one that fails before it speaks`() async throws {
        let chain = ResponderChain([
            FakeResponder(name: "model", error: broken), FakeResponder(name: "silent"),
            FakeResponder(name: "script", texts: ["Hello"]),
        ])
        #expect(
            try await pieces(of: chain.respond(to: Prompt("x"))) == [
                .handedOver(from: "model", reason: "unreachable"), .handedOver(from: "silent", reason: "empty_answer"),
                .answering(by: "script"), .text("Hello"),
            ]
        )
    }

    @Test func `a failure after the first text is thrown`() async throws {
        let chain = ResponderChain([FakeResponder(texts: ["Well"], error: broken), FakeResponder(texts: ["no"])])
        var iterator = chain.respond(to: Prompt("x")).makeAsyncIterator()
        #expect(try await iterator.next() == .answering(by: "fake"))
        #expect(try await iterator.next() == .text("Well"))
        await #expect(throws: broken) { try await iterator.next() }
    }

    @Test func `cancellation is no failure`() async throws {
        let chain = ResponderChain([FakeResponder(error: CancellationError()), FakeResponder(texts: ["no"])])
        await #expect(throws: CancellationError.self) { try await pieces(of: chain.respond(to: Prompt("x"))) }
    }

    @Test func `when all fail each one's reason is told`() async throws {
        let chain = ResponderChain(
            name: "main",
            [FakeResponder(name: "model", error: broken), FakeResponder(name: "silent")]
        )
        var iterator = chain.respond(to: Prompt("x")).makeAsyncIterator()
        #expect(try await iterator.next() == .handedOver(from: "model", reason: "unreachable"))
        do {
            while try await iterator.next() != nil {}
            Issue.record("nothing was thrown")
        } catch let error as ResponderError {
            guard case .allFailed(let reasons) = error.code else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(reasons.count == 2)
            #expect(error.description.contains("model: The model responder's server cannot be reached"))
            #expect(error.description.contains("silent: "))
        }
    }

    @Test func `a chain in a chain tells of its own changes`() async throws {
        let inner = ResponderChain(name: "inner", [FakeResponder(name: "a"), FakeResponder(name: "b")])
        let outer = ResponderChain(name: "outer", [inner, FakeResponder(name: "c", texts: ["Hello"])])
        let all = try await pieces(of: outer.respond(to: Prompt("x")))
        let names = all.compactMap { if case .handedOver(let name, _) = $0 { name } else { nil } }
        #expect(names == ["a", "inner"])
        #expect(all.suffix(2) == [.answering(by: "c"), .text("Hello")])
    }

    @Test func `of a chain in a chain the responder is told that answers, not the chain`() async throws {
        let inner = ResponderChain(
            name: "inner",
            [FakeResponder(name: "a", error: broken), FakeResponder(name: "b", texts: ["Hi"])]
        )
        let outer = ResponderChain(name: "outer", [inner])
        #expect(
            try await pieces(of: outer.attributedResponse(to: Prompt("x"))) == [
                .handedOver(from: "a", reason: "unreachable"), .answering(by: "b"), .text("Hi"),
            ]
        )
    }

    @Test func `who answers is told of every responder before its first text, once`() async throws {
        let responder = FakeResponder(name: "script", texts: ["", "a", "b"])
        #expect(
            try await pieces(of: responder.attributedResponse(to: Prompt("x"))) == [
                .text(""), .answering(by: "script"), .text("a"), .text("b"),
            ]
        )
        #expect(try await pieces(of: FakeResponder().attributedResponse(to: Prompt("x"))) == [])
    }

    @Test func `what an error of another kind says is not told`() async throws {
        struct Told: Error { let words = "the user's words" }
        let chain = ResponderChain([FakeResponder(name: "a", error: Told()), FakeResponder(name: "b", error: Told())])
        var iterator = chain.respond(to: Prompt("x")).makeAsyncIterator()
        #expect(try await iterator.next() == .handedOver(from: "a", reason: "failed"))
        let error = await #expect(throws: ResponderError.self) { try await iterator.next() }
        #expect(error?.description.contains("words") == false)
    }

    @Test func `an empty chain fails`() async {
        #expect(await failure(of: ResponderChain([]).respond(to: Prompt("x")))?.code == .allFailed(reasons: []))
    }
}
