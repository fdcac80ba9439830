import Audio
import Testing

@testable import Conversation

@Suite struct EventOutboxTests {
    private let second = PCM.silence(.seconds(1), sampleRate: 1000)

    @Test func `events come out in order with numbers without gaps`() {
        var outbox = EventOutbox()
        outbox.append(.turnStarted(1))
        outbox.append(.transcript(1, "Hello"))
        #expect(outbox.popFirst()?.number == 1)
        #expect(outbox.popFirst()?.number == 2)
        #expect(outbox.popFirst() == nil)
    }

    @Test func `the sound of a turn is taken back without a gap in the numbers`() {
        var outbox = EventOutbox()
        outbox.append(.turnStarted(1))
        outbox.append(.audio(1, second))
        outbox.append(.answerText(1, "Hello"))
        outbox.append(.audio(2, second))
        outbox.discardSound(of: 1)
        outbox.append(.turnStarted(3))
        var events: [ConversationEvent] = []
        while let event = outbox.popFirst() { events.append(event) }
        #expect(events.map(\.number) == [1, 2, 3, 4])
        #expect(events.map(\.kind) == [.turnStarted(1), .answerText(1, "Hello"), .audio(2, second), .turnStarted(3)])
    }

    @Test func `five seconds of sound fill it and reading makes room`() {
        var outbox = EventOutbox()
        for _ in 0..<5 { outbox.append(.audio(1, second)) }
        #expect(!outbox.hasRoomForSound)
        #expect(outbox.hasRoom)
        _ = outbox.popFirst()
        #expect(outbox.hasRoomForSound)
    }
}
