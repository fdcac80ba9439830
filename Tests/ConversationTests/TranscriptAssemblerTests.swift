import Audio
import Testing

@testable import Conversation
@testable import Speech

@Suite struct TranscriptAssemblerTests {
    private func utterance(_ id: Int = 1, endOfSpeech: Int, start: Int = 0) -> Utterance {
        Utterance(
            id: id,
            audio: PCM([Float](repeating: 0.1, count: 10), sampleRate: 16000),
            start: start,
            onset: start,
            endOfSpeech: endOfSpeech,
            position: endOfSpeech + 1
        )
    }

    private func asked(_ actions: [TranscriptAssembler.Action]) -> Int? {
        for case .transcribe(let id, _) in actions { return id }
        return nil
    }

    @Test func `the transcript made at a pause is used when nothing was said since`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let request = try #require(asked(assembler.handle(.paused(utterance(endOfSpeech: 100)))))
        #expect(assembler.completed(request, "Hello.") == [.partial(1, "Hello.", inPause: true)])
        #expect(assembler.handle(.ended(utterance(endOfSpeech: 100))) == [.finished(1, "Hello.")])
    }

    @Test func `an utterance that ends before its transcript came is finished by it`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let request = try #require(asked(assembler.handle(.paused(utterance(endOfSpeech: 100)))))
        #expect(assembler.handle(.ended(utterance(endOfSpeech: 100))).isEmpty)
        #expect(assembler.completed(request, "Hello.") == [.finished(1, "Hello.")])
        #expect(assembler.completed(request, "Again.").isEmpty)
    }

    @Test func `speech after a pause makes its transcript stale`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let stale = try #require(asked(assembler.handle(.paused(utterance(endOfSpeech: 100)))))
        _ = assembler.handle(.resumed(1))
        let ended = assembler.handle(.ended(utterance(endOfSpeech: 300)))
        #expect(ended.contains(.abandon(stale)))
        let fresh = try #require(asked(ended))
        #expect(assembler.completed(stale, "Hello.").isEmpty)
        #expect(assembler.completed(fresh, "Hello there.") == [.finished(1, "Hello there.")])
    }

    @Test func `a long utterance is put together from its parts in order`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let first = try #require(asked(assembler.handle(.paused(utterance(endOfSpeech: 100)))))
        _ = assembler.handle(.resumed(1))
        #expect(assembler.handle(.part(utterance(endOfSpeech: 100))).isEmpty)
        let second = try #require(asked(assembler.handle(.ended(utterance(endOfSpeech: 300, start: 100)))))
        #expect(assembler.completed(second, "two").isEmpty)
        #expect(assembler.completed(first, "One") == [.finished(1, "One two")])
    }

    @Test func `only one partial transcript is under way at a time`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let partial = try #require(asked(assembler.handle(.grown(utterance(endOfSpeech: 10)))))
        #expect(assembler.handle(.grown(utterance(endOfSpeech: 20))).isEmpty)
        #expect(assembler.completed(partial, "Hel") == [.partial(1, "Hel", inPause: false)])
        #expect(asked(assembler.handle(.grown(utterance(endOfSpeech: 30)))) != nil)
    }

    @Test func `a recogniser that fails breaks the utterance`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let request = try #require(asked(assembler.handle(.ended(utterance(endOfSpeech: 100)))))
        #expect(assembler.failed(request, "no model") == [.broken(1, "no model")])
    }

    @Test func `a failure at a pause is tried once more at the end`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let first = try #require(asked(assembler.handle(.paused(utterance(endOfSpeech: 100)))))
        #expect(assembler.failed(first, "busy").isEmpty)
        let second = try #require(asked(assembler.handle(.ended(utterance(endOfSpeech: 100)))))
        #expect(assembler.completed(second, "Hello.") == [.finished(1, "Hello.")])
    }

    @Test func `utterances are finished in their order`() throws {
        var assembler = TranscriptAssembler()
        _ = assembler.handle(.started(1, at: 0))
        let first = try #require(asked(assembler.handle(.ended(utterance(endOfSpeech: 100)))))
        _ = assembler.handle(.started(2, at: 200))
        let second = try #require(asked(assembler.handle(.ended(utterance(2, endOfSpeech: 300)))))
        #expect(assembler.completed(second, "Two.").isEmpty)
        #expect(assembler.completed(first, "One.") == [.finished(1, "One."), .finished(2, "Two.")])
    }
}
