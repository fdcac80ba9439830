import Audio

/// What a reader of a session gets.
public enum SessionReading: Sendable, Equatable {
    /// The next event.
    case event(ConversationEvent)
    /// The next piece of sound; it counts as handed to the listener.
    case sound(AnswerSound)
    /// So many events were forgotten before the reader came to them; it goes on with the oldest that is kept.
    case lost(Int)
    /// Another reader has taken over the sound; from here on there are only events.
    case soundHandedOver
}

/// Reads what happens in a session, at its own pace. There may be any number of readers; one of them has the sound.
public struct SessionReader: Sendable {
    /// Where it stands.
    struct Place: Sendable {
        var cursor: EventLog.Cursor
        /// Its number as reader of the sound; nil without sound.
        var soundReader: Int?
    }

    private let session: Session
    private var place: Place

    init(_ session: Session, at place: Place) {
        self.session = session
        self.place = place
    }

    /// The next thing in the order in which everything happened; waits for it. Nil when the session is closed and all was
    /// read, and when the task is cancelled.
    public mutating func next() async -> SessionReading? {
        let (reading, place) = await session.read(from: place)
        self.place = place
        return reading
    }
}

extension Session {
    /// A reader of events, from what happens next or from event `number`, which may be an older one.
    public func reader(from number: Int? = nil) -> SessionReader {
        SessionReader(self, at: SessionReader.Place(cursor: log.cursor(from: number), soundReader: nil))
    }

    /// A reader of events, as `reader(from:)`, and of the sound, which it takes over from the reader that has it. Sound goes
    /// on behind the last piece that was read, or at `position` of the answer that is being spoken, as far as the sound
    /// is still kept: that of the last five seconds.
    public func listener(from number: Int? = nil, sound position: Duration? = nil) -> SessionReader {
        let (reader, rewound) = outbox.handOver(from: position)
        if let (turn, start) = rewound {
            advance { machine, now in
                machine.rewound(turn, to: start, now: now)
                return []
            }
        }
        wake(.readers)
        // From now on somebody is there who may be silent.
        waitForUser()
        return SessionReader(self, at: SessionReader.Place(cursor: log.cursor(from: number), soundReader: reader))
    }

    /// What a reader at `place` gets next, and its place behind that.
    func read(from place: SessionReader.Place) async -> (SessionReading?, SessionReader.Place) {
        var place = place
        while true {
            if let reading = take(at: &place) { return (reading, place) }
            if Task.isCancelled || (isClosed && place.cursor.next > log.lastNumber) { return (nil, place) }
            await wait(with: .readers)
        }
    }

    private func take(at place: inout SessionReader.Place) -> SessionReading? {
        if let reader = place.soundReader {
            guard reader == outbox.reader else {
                place.soundReader = nil
                return .soundHandedOver
            }
            if let next = outbox.next(for: reader, reading: place.cursor.next), mayPlay(next.segment, of: next.turn),
                let piece = outbox.take(for: reader, reading: place.cursor.next)
            {
                wake(.soundMakers)
                parts.recorder?.spoke(piece.sound)
                if !piece.sound.isEmpty { advance { $0.sent(piece.turn, piece.sound.duration, now: $1) } }
                return .sound(piece)
            }
        }
        return switch log.read(&place.cursor) {
        case .event(let event): .event(event)
        case .lost(let count): .lost(count)
        case nil: nil
        }
    }
}
