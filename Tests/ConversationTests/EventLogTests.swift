import Testing

@testable import Conversation

@Suite struct EventLogTests {
    private func read(_ log: EventLog, _ cursor: inout EventLog.Cursor) -> [EventLog.Reading] {
        var readings: [EventLog.Reading] = []
        while let reading = log.read(&cursor) { readings.append(reading) }
        return readings
    }

    private func event(_ number: Int) -> EventLog.Reading {
        .event(ConversationEvent(number: number, kind: .turnStarted(number)))
    }

    @Test func `two readers see the same forty events, and a third joins at twenty`() {
        var log = EventLog()
        var first = log.cursor()
        var second = log.cursor()
        for number in 1...19 { log.append(.turnStarted(number)) }
        #expect(read(log, &first) == (1...19).map(event))
        var third = log.cursor()
        var late = log.cursor(from: 5)
        for number in 20...40 { log.append(.turnStarted(number)) }
        #expect(read(log, &first) == (20...40).map(event))
        #expect(read(log, &second) == (1...40).map(event))
        #expect(read(log, &third) == (20...40).map(event))
        #expect(read(log, &late) == (5...40).map(event))
    }

    @Test func `a reader that fell behind is told how many it lost`() {
        var log = EventLog()
        var slow = log.cursor()
        for number in 1...1007 { log.append(.turnStarted(number)) }
        #expect(log.read(&slow) == .lost(7))
        #expect(log.read(&slow) == event(8))
        var old = log.cursor(from: 3)
        #expect(log.read(&old) == .lost(5))
        #expect(log.read(&old) == event(8))
    }

    @Test(arguments: [-5, 0, 1]) func `who asks for events before the first begins with it`(number: Int) {
        var log = EventLog()
        log.append(.turnStarted(1))
        var cursor = log.cursor(from: number)
        #expect(read(log, &cursor) == [event(1)])
    }

    @Test func `who asks for events that are to come begins with the next`() {
        var log = EventLog()
        log.append(.turnStarted(1))
        var cursor = log.cursor(from: 77)
        #expect(log.read(&cursor) == nil)
        log.append(.turnStarted(2))
        #expect(read(log, &cursor) == [event(2)])
    }

    @Test func `nothing behind a held event is read before its release`() {
        var log = EventLog()
        var cursor = log.cursor()
        log.append(.turnStarted(1))
        log.append(.turnStarted(2), held: true)
        log.append(.turnStarted(3))
        log.append(.turnStarted(4), held: true)
        #expect(read(log, &cursor) == [event(1)])
        var newcomer = log.cursor()
        #expect(log.release(4) == [])
        #expect(read(log, &cursor) == [])
        let released = log.release(2, as: .speakingStarted(9))
        #expect(released.map(\.number) == [2, 3, 4])
        let expected: [EventLog.Reading] = [
            .event(ConversationEvent(number: 2, kind: .speakingStarted(9))), event(3), event(4),
        ]
        #expect(read(log, &cursor) == expected)
        #expect(read(log, &newcomer) == expected)
        #expect(log.release(2) == [])
    }

    @Test func `a held event that is forgotten holds nothing up once it is released`() {
        var log = EventLog()
        var cursor = log.cursor()
        let held = log.append(.turnStarted(1), held: true)
        for number in 2...1100 { log.append(.turnStarted(number)) }
        #expect(log.read(&cursor) == nil)
        #expect(log.release(held).count == 1000)
        #expect(log.read(&cursor) == .lost(100))
        #expect(log.read(&cursor) == event(101))
    }
}
