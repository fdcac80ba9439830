import Audio
import Conversation
import HTTPTypes
import Serving
import Speech
import Storage

/// The only turn of a session, read as the sound of its answer.
actor SpokenTurn {
    /// What the user said; known before the first sound.
    private(set) var transcript = ""
    /// Who speaks; known from the first sound on.
    private(set) var speaker: Speaker?
    private let session: Session
    private var reader: SessionReader
    private var segments = 0
    /// The first sound, from when it was waited for until it is read.
    private var first: PCM?

    init(_ session: Session, reader: SessionReader) {
        self.session = session
        self.reader = reader
    }

    /// Waits for the first sound; in how many segments the answer is spoken, all of which are known by then. Throws why the
    /// turn failed.
    func begin() async throws -> Int {
        first = try await next()
        return segments
    }

    /// The next sound; nil when the turn is over and stored. Throws why the turn failed.
    func next() async throws -> PCM? {
        if let sound = first {
            first = nil
            return sound
        }
        while true {
            var reading = reader
            let next = await reading.next()
            reader = reading
            switch next {
            case .sound(let piece):
                speaker = piece.speaker ?? speaker
                return piece.sound
            case .event(let event):
                switch event.kind {
                case .transcript(_, let text): transcript = text
                case .segment: segments += 1
                case .turnEnded(let record):
                    try await check(record)
                    return nil
                default: break
                }
            case .lost:
                continue
            case .soundHandedOver, nil:
                throw CancellationError()
            }
        }
    }

    private func check(_ record: Turn.Record) async throws {
        switch record.outcome {
        case .completed:
            return
        case .nothingSaid:
            throw APIFailure(
                .unprocessableContent,
                .validationFailed,
                "Nothing is said in the recording, so there is no answer."
            )
        case .failed(let stage, _):
            if let error = await session.failure(of: record.id) { throw error }
            throw stage == .response
                ? SpeechError.nothingToSay : SpeechError.producedNothing(engine: "\(stage.rawValue)")
        case .interrupted, .cancelled, .unfinished:
            throw CancellationError()
        }
    }
}
