public import Audio
import DequeModule
public import Speech
public import Storage

/// A piece of an answer's sound, to be played after the piece before it.
public struct AnswerSound: Sendable, Equatable {
    /// The turn that it answers.
    public var turn: Turn.ID
    /// The index of the segment in which it is said.
    public var segment: Int
    /// Where in the answer's sound it begins.
    public var position: Duration
    /// The sound; all pieces of a session have the same rate.
    public var sound: PCM
    /// Who speaks, if that is known.
    public var speaker: Speaker?
    /// Whether the segment ends behind it. The piece itself may be empty then.
    public var endsSegment = false

    /// Where in the answer's sound it ends.
    public var end: Duration { position + sound.duration }
}

/// The sound of a session on its way to its one reader: bounded, able to take back the sound of a turn, and to hand the
/// rest of it to another reader in the middle of an answer.
struct SoundOutbox: Sendable {
    /// Makers of sound wait when so much of it lies here.
    static let limit: Duration = .seconds(5)
    /// How much of what was read is kept for a reader that takes over.
    static let kept: Duration = .seconds(5)

    private struct Entry {
        var piece: AnswerSound
        /// The number of the last event before it.
        var after: Int

        /// Without its beginning.
        func dropping(_ duration: Duration) -> Entry {
            var rest = self
            let rate = piece.sound.sampleRate
            rest.piece.sound = PCM(Array(piece.sound.samples.dropFirst(duration.samples(at: rate))), sampleRate: rate)
            rest.piece.position = piece.end - rest.piece.sound.duration
            return rest
        }
    }

    /// Whether nothing is handed out for the time being.
    var isHeld = false
    /// The last piece that was handed out, without its sound.
    private(set) var lastTaken: (turn: Turn.ID, segment: Int)?
    /// Who reads; nil before the first reader came.
    private(set) var reader: Int?
    private var lastReader = 0
    private var waiting: Deque<Entry> = []
    private var waitingLength: Duration = .zero
    /// What was read of the turn that goes on, the oldest first.
    private var read: Deque<Entry> = []
    private var readLength: Duration = .zero
    /// The turn of the last piece and where it ends.
    private var end: (turn: Turn.ID, position: Duration) = (0, .zero)

    /// Whether makers of sound may go on.
    var hasRoom: Bool { waitingLength < Self.limit }

    /// Adds sound that was made after event number `event`.
    mutating func append(_ sound: PCM, of segment: Int, in turn: Turn.ID, by speaker: Speaker?, after event: Int) {
        if end.turn != turn { end = (turn, .zero) }
        let piece = AnswerSound(turn: turn, segment: segment, position: end.position, sound: sound, speaker: speaker)
        end.position = piece.end
        waiting.append(Entry(piece: piece, after: event))
        waitingLength += sound.duration
    }

    /// The sound of the segment ends here. Nothing is added when all of it was handed out and nobody waits for its end.
    mutating func endSegment(_ segment: Int, in turn: Turn.ID, by speaker: Speaker?, rate: Int, after event: Int) {
        if let last = waiting.indices.last, waiting[last].piece.turn == turn, waiting[last].piece.segment == segment {
            waiting[last].piece.endsSegment = true
            return
        }
        if end.turn != turn { end = (turn, .zero) }
        var piece = AnswerSound(
            turn: turn,
            segment: segment,
            position: end.position,
            sound: PCM([], sampleRate: rate),
            speaker: speaker
        )
        piece.endsSegment = true
        waiting.append(Entry(piece: piece, after: event))
    }

    /// The turn and segment of the piece that is next for `reader`, which has read the events before number `next`; nil
    /// when there is none.
    func next(for reader: Int, reading next: Int) -> (turn: Turn.ID, segment: Int)? {
        guard reader == self.reader, !isHeld, let entry = waiting.first, entry.after < next else { return nil }
        return (entry.piece.turn, entry.piece.segment)
    }

    /// Takes out the next piece for `reader`, which has read the events before number `next`. Nil when there is none, when
    /// an event comes first or when another reader took over.
    mutating func take(for reader: Int, reading next: Int) -> AnswerSound? {
        guard reader == self.reader, !isHeld, let entry = waiting.first, entry.after < next else { return nil }
        waiting.removeFirst()
        lastTaken = (entry.piece.turn, entry.piece.segment)
        waitingLength -= entry.piece.sound.duration
        read.append(entry)
        readLength += entry.piece.sound.duration
        while let oldest = read.first, readLength - oldest.piece.sound.duration >= Self.kept {
            read.removeFirst()
            readLength -= oldest.piece.sound.duration
        }
        return entry.piece
    }

    /// Gives the sound to a new reader and returns its number. It goes on behind the last piece that was read, or at
    /// `position` of the answer, as far as the sound before that is still kept.
    ///
    /// `from` is the place in an answer to which it went back; nil if it goes on where the reader before stopped.
    mutating func handOver(from position: Duration? = nil) -> (reader: Int, from: (Turn.ID, Duration)?) {
        lastReader += 1
        reader = lastReader
        guard let position, let turn = read.last?.piece.turn, let last = read.last?.piece.end, position < last else {
            return (lastReader, nil)
        }
        while var entry = read.popLast() {
            readLength -= entry.piece.sound.duration
            guard entry.piece.end > position else {
                read.append(entry)
                readLength += entry.piece.sound.duration
                break
            }
            if entry.piece.position < position { entry = entry.dropping(position - entry.piece.position) }
            guard !entry.piece.sound.isEmpty else { continue }
            waiting.prepend(entry)
            waitingLength += entry.piece.sound.duration
        }
        return (lastReader, waiting.first.map { (turn, $0.piece.position) })
    }

    /// Takes back the sound of a turn.
    mutating func discard(_ turn: Turn.ID) {
        isHeld = false
        waiting.removeAll { $0.piece.turn == turn }
        waitingLength = waiting.reduce(.zero) { $0 + $1.piece.sound.duration }
        read = []
        readLength = .zero
    }
}
