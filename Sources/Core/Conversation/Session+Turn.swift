import Audio
import Dialogue
import Speech
import Storage

/// The work on one turn.
struct TurnWork {
    /// Where the segments to be spoken go.
    let segments: AsyncStream<AnswerSegment>.Continuation
    /// Speaks the segments, one after another.
    let speaking: Task<Void, Never>
    /// Who speaks them.
    var speaker: (any AnswerSpeaker)?
    /// What was begun of the answer before the turn.
    var ahead: AnswerAhead?
    /// Reads the response.
    var responding: Task<Void, Never>?
    /// Run the tools that the responder calls.
    var tools: [Task<Void, Never>] = []
    /// Tells the middleware that speaking begins.
    var opening: Task<Void, Never>?
    /// Runs the middleware around the turn, and lets readers have its end.
    var surrounding: Task<Void, Never>?
    /// Hands the record to the middleware.
    var handing: Task<Void, Never>?
    /// What the middleware waits for.
    let ending: TurnEnding
    /// The number of the event that tells of the turn's end, held back until the middleware is done.
    var end: Int?
    var timers: [ConversationMachine.Timer: Task<Void, Never>] = [:]
}

extension Session {
    /// Gets ready to work on a turn.
    func startWork(on id: Turn.ID) {
        let (segments, continuation) = AsyncStream<AnswerSegment>.makeStream()
        let speaking = Task { await speak(segments, of: id) }
        let ending = TurnEnding()
        turns[id] = TurnWork(segments: continuation, speaking: speaking, ending: ending)
        turns[id]?.surrounding = Task { [middleware = parts.middleware, context = context(of: id)] in
            let returned = await Self.run(middleware[...], around: ending, context)
            // Middleware may return before the turn has ended; the work on it goes on, and what was returned is no account.
            let isAccount = ending.wasRead
            let record = await ending.record
            close(isAccount && returned.id == id ? returned : record)
        }
    }

    /// Asks the responder.
    func startResponding(to prompt: Prompt, in id: Turn.ID) {
        let ahead = takeAhead(to: prompt, in: id)
        turns[id]?.ahead = ahead
        turns[id]?.responding = Task { await respond(to: prompt, ahead, in: id) }
    }

    /// Has the tools run, side by side.
    func runTools(_ calls: [ToolCall], in id: Turn.ID) {
        guard let runner = parts.tools else { return }
        turns[id]?.tools = calls.map { call in
            Task { [context = context(of: id)] in
                let result: String
                do {
                    result = try await runner.run(call, in: context)
                } catch {
                    result = "The tool failed: \(type(of: error))."
                }
                returnToolResult(result, of: call.id, in: id)
            }
        }
    }

    /// Holds the answer's sound back until the middleware has taken note of the turn so far.
    func startSpeaking(_ record: Turn.Record) {
        let number = log.append(.speakingStarted(record.id), held: true)
        turns[record.id]?.opening = Task { [middleware = parts.middleware, context = context(of: record.id)] in
            do {
                for part in middleware { try await part.speakingStarts(record, in: context) }
            } catch {
                fail(record.id, .storage, error)
            }
            release(number)
        }
    }

    /// Hands sound to the reader of sound.
    func play(_ sound: PCM, of segment: Int, in id: Turn.ID) {
        outbox.append(sound, of: segment, in: id, by: turns[id]?.speaker?.speaker, after: log.lastNumber)
        wake(.readers)
    }

    /// Tells the reader of sound that a segment is over.
    func endSegment(_ segment: Int, in id: Turn.ID) {
        guard let rate = output.currentRate else { return }
        outbox.endSegment(segment, in: id, by: turns[id]?.speaker?.speaker, rate: rate, after: log.lastNumber)
        wake(.readers)
    }

    /// Stops the work on a turn, without waiting for it to wind down.
    func stopWork(on id: Turn.ID) {
        turns[id]?.responding?.cancel()
        turns[id]?.ahead?.cancel()
        turns[id]?.tools.forEach { $0.cancel() }
        turns[id]?.speaking.cancel()
        turns[id]?.segments.finish()
        turns[id]?.timers.values.forEach { $0.cancel() }
        turns[id]?.timers = [:]
        outbox.discard(id)
        wake(.soundMakers)
    }

    /// Hands the record of a turn to its middleware, once that knows how the turn began.
    func finishWork(with record: Turn.Record) {
        turns[record.id]?.end = log.append(.turnEnded(record), held: true)
        guard let work = turns[record.id] else { return }
        guard let opening = work.opening else { return work.ending.tell(record) }
        turns[record.id]?.handing = Task {
            await opening.value
            work.ending.tell(record)
        }
    }

    /// Lets readers have the end of a turn.
    private func close(_ record: Turn.Record) {
        if let number = turns.removeValue(forKey: record.id)?.end { release(number, as: .turnEnded(record)) }
        wake(.turnEnds)
    }

    private func release(_ number: Int, as kind: ConversationEvent.Kind? = nil) {
        log.release(number, as: kind).forEach(tell)
        wake(.readers)
    }

    /// Ends a turn whose work broke.
    func fail(_ id: Turn.ID, _ stage: Turn.Stage, _ error: any Error) {
        guard machine.currentTurn?.id == id else { return }
        lastFailure = (id, error)
        advance { $0.failed(id, stage: stage, reason: Self.reason(of: error), now: $1) }
    }

    /// Starts a timer of a turn in place of one of the same kind.
    func start(_ timer: ConversationMachine.Timer, of id: Turn.ID, after duration: Duration) {
        turns[id]?.timers[timer]?.cancel()
        turns[id]?.timers[timer] = Task {
            do {
                try await Task.sleep(for: duration, tolerance: .milliseconds(1))
            } catch {
                return
            }
            if timer == .answer, let turn = machine.currentTurn, turn.id == id, turn.phase == .thinking {
                lastFailure = (
                    id, ResponderError(responder: parts.responder.name, code: .timedOut(.answer, after: duration))
                )
            }
            advance { $0.timerFired(id, timer, now: $1) }
        }
    }

    private func context(of id: Turn.ID) -> TurnContext { TurnContext(session: self.id, turn: id) }

    private static func run(
        _ middleware: ArraySlice<any TurnMiddleware>,
        around ending: TurnEnding,
        _ context: TurnContext
    ) async -> Turn.Record {
        guard let first = middleware.first else { return await ending.record }
        return await first.handle(context) { await run(middleware.dropFirst(), around: ending, $0) }
    }

    private func respond(to prompt: Prompt, _ ahead: AnswerAhead?, in id: Turn.ID) async {
        do {
            if let ahead {
                for try await piece in ahead.pieces { advance { $0.responded(id, piece, now: $1) } }
            } else {
                for try await piece in parts.responder.attributedResponse(to: prompt) {
                    advance { $0.responded(id, piece, now: $1) }
                }
            }
            try Task.checkCancellation()
            advance { $0.responseEnded(id, now: $1) }
        } catch {
            // Who cancels needs nothing more of the response.
            if !Task.isCancelled { fail(id, .response, error) }
        }
    }

    private func speak(_ segments: AsyncStream<AnswerSegment>, of id: Turn.ID) async {
        do {
            for await segment in segments {
                // One for the whole answer: its voice does not change in the middle.
                let ahead = turns[id]?.ahead
                let speaker = turns[id]?.speaker ?? ahead?.speaker ?? parts.output.speaker(for: context(of: id))
                turns[id]?.speaker = speaker
                let sound = SegmentOutput(output)
                var isSilent = true
                for try await step in ahead?.spoken(segment) ?? speaker.speak(segment) {
                    switch step {
                    case .sound(let made):
                        isSilent = isSilent && made.isEmpty
                        await deliver(try sound.pieces(of: made), of: segment.index, in: id)
                    case .spoken(let duration):
                        isSilent = isSilent && duration <= .zero
                        advance { $0.spokenElsewhere(id, segment: segment.index, duration, now: $1) }
                    case .heard(let position):
                        advance { $0.acknowledged(id, segment: segment.index, upTo: position, now: $1) }
                    }
                }
                try Task.checkCancellation()
                await deliver(sound.finish(), of: segment.index, in: id)
                guard !isSilent else { throw SpeechError.producedNothing(engine: parts.output.name) }
                advance { $0.segmentEnded(id, segment: segment.index, now: $1) }
            }
        } catch {
            if !Task.isCancelled { fail(id, .synthesis, error) }
        }
    }

    /// Why work failed, in a sentence for logs and users. What an error of an unknown kind says is not known to be fit
    /// for them.
    static func reason(of error: any Error) -> String {
        switch error {
        case let error as SpeechError: error.description
        case let error as AudioError: error.description
        case let error as ResponderError: error.description
        case is StorageError: "The turn could not be stored."
        default: "It failed for a reason of the kind \(type(of: error))."
        }
    }

    private func deliver(_ pieces: [PCM], of segment: Int, in id: Turn.ID) async {
        for piece in pieces {
            await roomForSound()
            advance { $0.synthesized(id, segment: segment, piece, now: $1) }
        }
    }
}
