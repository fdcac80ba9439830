import Dialogue
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResponderChainTests {
    let broken = ResponderError(responder: "model", server: "localhost:1", code: .emptyAnswer)

    @Test func `the first responder answers if it can`() async throws {
        let chain = ResponderChain([FakeResponder(texts: ["a", "b"]), FakeResponder(texts: ["c"])])
        #expect(try await pieces(of: chain.respond(to: Prompt("x"))) == [.text("a"), .text("b")])
    }

    @Test func `the next takes over from one that fails before it speaks`() async throws {
        let chain = ResponderChain([
            FakeResponder(name: "model", error: broken), FakeResponder(name: "silent"),
            FakeResponder(name: "script", texts: ["Hello"]),
        ])
        let all = try await pieces(of: chain.respond(to: Prompt("x")))
        #expect(all.count == 3)
        #expect(all.first == .handedOver(from: "model", reason: broken.description))
        guard case .handedOver(from: "silent", let reason)? = all.dropFirst().first else {
            Issue.record("the silent responder was not told")
            return
        }
        #expect(reason.contains("without any text"))
        #expect(all.last == .text("Hello"))
    }

    @Test func `a failure after the first text is thrown`() async throws {
        let chain = ResponderChain([FakeResponder(texts: ["Well"], error: broken), FakeResponder(texts: ["no"])])
        var iterator = chain.respond(to: Prompt("x")).makeAsyncIterator()
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
        #expect(try await iterator.next() == .handedOver(from: "model", reason: broken.description))
        do {
            while try await iterator.next() != nil {}
            Issue.record("nothing was thrown")
        } catch let error as ResponderError {
            guard case .allFailed(let reasons) = error.code else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(reasons.count == 2)
            #expect(error.description.contains("model: The model responder's server localhost:1"))
            #expect(error.description.contains("silent: "))
        }
    }

    @Test func `a chain in a chain tells of its own changes`() async throws {
        let inner = ResponderChain(name: "inner", [FakeResponder(name: "a"), FakeResponder(name: "b")])
        let outer = ResponderChain(name: "outer", [inner, FakeResponder(name: "c", texts: ["Hello"])])
        let all = try await pieces(of: outer.respond(to: Prompt("x")))
        let names = all.compactMap { if case .handedOver(let name, _) = $0 { name } else { nil } }
        #expect(names == ["a", "inner"])
        #expect(all.last == .text("Hello"))
    }

    @Test func `an empty chain fails`() async {
        #expect(await failure(of: ResponderChain([]).respond(to: Prompt("x")))?.code == .allFailed(reasons: []))
    }
}
