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

    /// Takes out the next piece for `reader`, which has read the events before number `next`. Nil when there is none, when
    /// an event comes first or when another reader took over.
    mutating func take(for reader: Int, reading next: Int) -> AnswerSound? {
        guard reader == self.reader, let entry = waiting.first, entry.after < next else { return nil }
        waiting.removeFirst()
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
        waiting.removeAll { $0.piece.turn == turn }
        waitingLength = waiting.reduce(.zero) { $0 + $1.piece.sound.duration }
        read = []
        readLength = .zero
    }
}
