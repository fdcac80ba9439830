import Dialogue
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ResponseTests {
    @Test func `pieces are made only when they are asked for`() async throws {
        let made = Mutex(0)
        let response = Response {
            made.withLock {
                $0 += 1; return $0 <= 3 ? .text("\($0)") : nil
            }
        }
        var iterator = response.makeAsyncIterator()
        #expect(made.withLock { $0 } == 0)
        #expect(try await iterator.next() == .text("1"))
        #expect(made.withLock { $0 } == 1)
        #expect(try await iterator.next() == .text("2"))
        #expect(made.withLock { $0 } == 2)
    }

    @Test func `after its end and after an error a response makes nothing more`() async throws {
        let calls = Mutex(0)
        var ended = Response {
            calls.withLock { $0 += 1 }; return nil
        }.makeAsyncIterator()
        #expect(try await ended.next() == nil)
        #expect(try await ended.next() == nil)
        var failed = Response {
            calls.withLock { $0 += 1 }; throw CancellationError()
        }.makeAsyncIterator()
        await #expect(throws: CancellationError.self) { try await failed.next() }
        #expect(try await failed.next() == nil)
        #expect(calls.withLock { $0 } == 2)
    }

    @Test func `a known text is one piece, and no piece if it is empty`() async throws {
        #expect(try await pieces(of: Response(text: "Hello")) == [.text("Hello")])
        #expect(try await pieces(of: Response(text: "")) == [])
    }

    @Test func `a second task that reads at the same time is told, and the first gets its piece`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let (answers, answer) = AsyncStream.makeStream(of: String.self)
        let response = Response {
            ask.yield()
            for await text in answers { return .text(text) }
            return nil
        }
        let first = Task {
            var iterator = response.makeAsyncIterator()
            return try await iterator.next()
        }
        for await _ in asked { break }
        var second = response.makeAsyncIterator()
        await #expect(throws: ResponseInUse.self) { try await second.next() }
        answer.yield("Hello")
        #expect(try await first.value == .text("Hello"))
        answer.finish()
        #expect(try await text(of: response) == "")
    }

    @Test func `who waits too long for an answer is told`() async throws {
        let hanging = FakeResponder(name: "slow")
        let error = await #expect(throws: ResponderError.self) {
            try await hanging.answering(within: .milliseconds(5)) { try await Task.sleep(for: .seconds(3600)) }
        }
        #expect(error == ResponderError(responder: "slow", code: .timedOut(.answer, after: .milliseconds(5))))
        #expect(try await hanging.answering(within: .seconds(3600)) { 7 } == 7)
    }

    @Test func `a cancelled response never looks complete`() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await text(of: Response(text: "Hello"))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
