import Audio
import Dialogue
import Serving
import Speech

/// An answer that is spoken while it is made: its text as it comes, and behind each segment's end the segment's sound.
///
/// The pieces are read by one task at a time, and nothing is made before somebody asks for it.
actor SpokenPieces {
    /// A piece of the answer.
    enum Piece: Sendable {
        /// More text, never none.
        case text(String)
        /// The sound of a segment, which has begun: samples of `sampleRate`.
        case sound(SpeechBody)
    }

    /// OpenAI's rate, in Hz, which samples do not state.
    static let sampleRate = 24_000

    /// All text so far.
    private(set) var text = ""

    private let answer: Pulled<Response>
    private let speaker: any TextSpeaker
    private let watch: ClientWatch
    private var segments = SpeakableSegments()
    /// Complete segments that are not spoken yet.
    private var waiting: ArraySlice<String> = []
    private var hasEnded = false

    /// The pieces of `answer`, spoken by `speaker` until the client that `watch` looks after goes away.
    init(of answer: Response, by speaker: any TextSpeaker, watch: ClientWatch) {
        self.answer = Pulled(answer)
        self.speaker = speaker
        self.watch = watch
    }

    /// The next piece, nil at the end. Throws what the responder and the engines throw, and `CancellationError`.
    func next() async throws -> Piece? {
        while true {
            while let segment = waiting.popFirst() {
                if let sound = try await sound(of: segment) { return .sound(sound) }
            }
            guard !hasEnded else { return nil }
            guard let piece = try await watch.run({ [answer] in try await answer.next() }) else {
                hasEnded = true
                waiting = segments.finish()[...]
                continue
            }
            let more = piece.spoken
            guard !more.isEmpty else { continue }
            text += more
            waiting = segments.append(more)[...]
            return .text(more)
        }
    }

    /// The pieces up to the first sound, or all of an answer that has none.
    func beginning() async throws -> [Piece] {
        var pieces: [Piece] = []
        while let piece = try await next() {
            pieces.append(piece)
            if case .sound = piece { break }
        }
        return pieces
    }

    /// The sound of a segment; nil if it has none.
    private func sound(of segment: String) async throws -> SpeechBody? {
        do {
            return try await SpeechBody(
                speaker.speak(segment),
                format: .pcm,
                sampleRate: Self.sampleRate,
                watch: watch
            )
        } catch SpeechError.nothingToSay {
            return nil
        }
    }
}
