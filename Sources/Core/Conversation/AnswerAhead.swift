import Dialogue
import Speech
import Storage
import Synchronization

/// An answer that was begun before it is certain that the user has finished: what the responder says, and the sound of
/// the first segment. Nobody hears or stores anything of it before a turn takes it.
final class AnswerAhead: Sendable {
    private struct State {
        var first: String?
        var failed = false
        var speechFailed = false
        var tasks: [Task<Void, Never>] = []
        var isCancelled = false
    }

    /// What the responder was asked.
    let prompt: Prompt
    /// The turn that is going to take it.
    let turn: Turn.ID
    /// Who speaks it.
    let speaker: any AnswerSpeaker
    /// What the responder says.
    let pieces: AsyncThrowingStream<ResponsePiece, any Error>
    /// How the first segment is spoken.
    private let steps: AsyncThrowingStream<SpeechStep, any Error>
    private let state = Mutex(State())

    /// Asks `responder`, and has `speaker` speak the first segment as soon as it is there. Nothing is read of an answer
    /// beyond `limit` characters.
    init(
        to prompt: Prompt,
        in turn: Turn.ID,
        by responder: any Responder,
        limit: Int,
        speaker: any AnswerSpeaker
    ) {
        self.prompt = prompt
        self.turn = turn
        self.speaker = speaker
        let (pieces, said) = AsyncThrowingStream<ResponsePiece, any Error>.makeStream()
        let (steps, spoken) = AsyncThrowingStream<SpeechStep, any Error>.makeStream()
        self.pieces = pieces
        self.steps = steps
        start { await $0.respond(responder, limit: limit, into: said, speaking: spoken) }
    }

    deinit { cancel() }

    /// Whether a turn may take it: it has not failed.
    var isUsable: Bool { state.withLock { !$0.failed && !$0.isCancelled } }

    /// How `segment` is spoken already; nil unless it is the first and reads so.
    func spoken(_ segment: AnswerSegment) -> SpeechSteps? {
        guard state.withLock({ segment.index == 0 && $0.first == segment.text && !$0.speechFailed }) else { return nil }
        return SpeechSteps { [steps] in
            var iterator = steps.makeAsyncIterator()
            return try await iterator.next()
        }
    }

    /// Stops the work.
    func cancel() {
        let tasks = state.withLock { state in
            state.isCancelled = true
            defer { state.tasks = [] }
            return state.tasks
        }
        tasks.forEach { $0.cancel() }
    }

    private func start(_ work: @escaping @Sendable (AnswerAhead) async -> Void) {
        let task = Task { [weak self] in
            if let self { await work(self) }
        }
        let isCancelled = state.withLock { state in
            state.tasks.append(task)
            return state.isCancelled
        }
        if isCancelled { task.cancel() }
    }

    private func respond(
        _ responder: any Responder,
        limit: Int,
        into said: AsyncThrowingStream<ResponsePiece, any Error>.Continuation,
        speaking spoken: AsyncThrowingStream<SpeechStep, any Error>.Continuation
    ) async {
        var segments = SpeakableSegments()
        var length = 0
        do {
            for try await piece in responder.attributedResponse(to: prompt) {
                said.yield(piece)
                guard case .text(let text) = piece else { continue }
                length += text.count
                if let first = segments.append(text).first { speak(first, into: spoken) }
                if length >= limit { break }
            }
            try Task.checkCancellation()
            if let first = segments.finish().first { speak(first, into: spoken) }
            said.finish()
        } catch {
            state.withLock { $0.failed = true }
            said.finish(throwing: error)
        }
        if state.withLock({ $0.first == nil }) { spoken.finish() }
    }

    private func speak(_ text: String, into spoken: AsyncThrowingStream<SpeechStep, any Error>.Continuation) {
        let isFirst = state.withLock { state in
            guard state.first == nil else { return false }
            state.first = text
            return true
        }
        guard isFirst else { return }
        start { ahead in
            do {
                for try await step in ahead.speaker.speak(AnswerSegment(index: 0, text: text)) { spoken.yield(step) }
                try Task.checkCancellation()
                spoken.finish()
            } catch {
                ahead.state.withLock { $0.speechFailed = true }
                spoken.finish(throwing: error)
            }
        }
    }
}
