import DequeModule

/// The last events of a session, for any number of readers, each with a cursor of its own.
///
/// An event may be held: it has its place, but neither it nor any event behind it is read before it is released. So the
/// end of a turn is read only when it is stored, and the order of events does not depend on the store.
struct EventLog: Sendable {
    /// The most events that are kept; the oldest are forgotten first.
    static let capacity = 1000

    /// A reader's place: the number of the event that it reads next.
    struct Cursor: Sendable, Equatable {
        var next: Int
    }

    /// What a reader gets.
    enum Reading: Sendable, Equatable {
        /// The next event.
        case event(ConversationEvent)
        /// So many events were forgotten before the reader came to them; it goes on with the oldest that is kept.
        case lost(Int)
    }

    /// The number of the last event, held ones included; 0 if there is none.
    private(set) var lastNumber = 0
    private var events: Deque<ConversationEvent> = []
    /// The numbers of held events, ascending.
    private var held: [Int] = []

    /// The number of the last event that can be read.
    var lastReadable: Int { held.first.map { $0 - 1 } ?? lastNumber }

    /// Adds an event and returns its number; a held one is read only after `release`.
    @discardableResult
    mutating func append(_ kind: ConversationEvent.Kind, held isHeld: Bool = false) -> Int {
        lastNumber += 1
        events.append(ConversationEvent(number: lastNumber, kind: kind))
        if isHeld { held.append(lastNumber) }
        if events.count > Self.capacity { events.removeFirst() }
        return lastNumber
    }

    /// Lets readers have a held event, as `kind` if that is given. Returns the events that can be read from now on, as far
    /// as they are kept.
    mutating func release(_ number: Int, as kind: ConversationEvent.Kind? = nil) -> [ConversationEvent] {
        guard let index = held.firstIndex(of: number) else { return [] }
        let before = lastReadable
        held.remove(at: index)
        if let kind, let place = place(of: number) { events[place].kind = kind }
        return events.drop { $0.number <= before }.prefix { $0.number <= lastReadable }
    }

    /// The place of a reader that begins: before the first event it can still come to, or before event `number`, which may
    /// be an older one.
    func cursor(from number: Int? = nil) -> Cursor {
        let newest = lastReadable + 1
        return Cursor(next: min(max(number ?? newest, 1), newest))
    }

    /// The next thing for a reader; nil when it has read all that can be read.
    func read(_ cursor: inout Cursor) -> Reading? {
        guard cursor.next <= lastReadable else { return nil }
        let oldest = lastNumber - events.count + 1
        guard cursor.next >= oldest else {
            defer { cursor.next = oldest }
            return .lost(oldest - cursor.next)
        }
        defer { cursor.next += 1 }
        return .event(events[cursor.next - oldest])
    }

    private func place(of number: Int) -> Int? {
        let place = number - (lastNumber - events.count + 1)
        return place >= 0 ? place : nil
    }
}
