import Audio
import DequeModule

/// The events of a session on their way to its reader: bounded, and able to take back the sound of a turn.
struct EventOutbox: Sendable {
    /// Makers of events wait when so many lie here.
    static let eventLimit = 4096
    /// Makers of sound wait when so much of it lies here.
    static let soundLimit: Duration = .seconds(5)

    private var events: Deque<ConversationEvent> = []
    private var sound: Duration = .zero
    private var lastNumber = 0

    /// Whether makers of events may go on.
    var hasRoom: Bool { events.count < Self.eventLimit }

    /// Whether makers of sound may go on.
    var hasRoomForSound: Bool { hasRoom && sound < Self.soundLimit }

    /// Adds an event and gives it its number.
    mutating func append(_ kind: ConversationEvent.Kind) {
        lastNumber += 1
        events.append(ConversationEvent(number: lastNumber, kind: kind))
        if case .audio(_, let pcm) = kind { sound += pcm.duration }
    }

    /// Takes the oldest event out.
    mutating func popFirst() -> ConversationEvent? {
        let event = events.popFirst()
        if case .audio(_, let pcm)? = event?.kind { sound -= pcm.duration }
        return event
    }

    /// Takes back the sound of a turn. The events that remain are numbered anew, so that no gap shows.
    mutating func discardSound(of turn: Turn.ID) {
        guard sound > .zero, let first = events.first else { return }
        events.removeAll { event in
            guard case .audio(turn, let pcm) = event.kind else { return false }
            sound -= pcm.duration
            return true
        }
        lastNumber = first.number - 1
        for index in events.indices {
            lastNumber += 1
            events[index].number = lastNumber
        }
    }
}
