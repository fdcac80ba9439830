import Audio
import Dialogue
import Speech

/// The work on one turn.
struct TurnWork {
    /// Where the segments to be spoken go.
    let segments: AsyncStream<(index: Int, text: String)>.Continuation
    /// Speaks the segments, one after another.
    let speaking: Task<Void, Never>
    /// Reads the response.
    var responding: Task<Void, Never>?
    /// Runs the middleware around the turn.
    var surrounding: Task<Void, Never>?
    /// What the middleware waits for.
    let ending: TurnEnding
}

extension Session {
    /// Gets ready to work on a turn.
    func startWork(on id: Turn.ID) {
        let (segments, continuation) = AsyncStream<(index: Int, text: String)>.makeStream()
        let speaking = Task { await speak(segments, of: id) }
        let ending = TurnEnding()
        turns[id] = TurnWork(segments: continuation, speaking: speaking, ending: ending)
        let context = TurnContext(session: self.id, turn: id)
        turns[id]?.surrounding = Task { [middleware = parts.middleware] in
            _ = await Self.run(middleware[...], around: ending, context)
            // Middleware may return before the turn has ended; the work on it goes on.
            _ = await ending.record
            turns[id] = nil
        }
    }

    /// Asks the responder.
    func startResponding(to prompt: Prompt, in id: Turn.ID) {
        turns[id]?.responding = Task { await respond(to: prompt, in: id) }
    }

    /// Stops the work on a turn, without waiting for it to wind down.
    func stopWork(on id: Turn.ID) {
        turns[id]?.responding?.cancel()
        turns[id]?.speaking.cancel()
        turns[id]?.segments.finish()
        timers.removeValue(forKey: id)?.values.forEach { $0.cancel() }
    }

    /// Hands the record of a turn to its middleware.
    func finishWork(with record: Turn.Record) {
        turns[record.id]?.ending.tell(record)
    }

    /// Starts a timer of a turn in place of one of the same kind.
    func start(_ timer: ConversationMachine.Timer, of id: Turn.ID, after duration: Duration) {
        timers[id, default: [:]][timer]?.cancel()
        timers[id, default: [:]][timer] = Task {
            do {
                try await Task.sleep(for: duration, tolerance: .milliseconds(1))
            } catch {
                return
            }
            advance { $0.timerFired(id, timer, now: $1) }
        }
    }

    private static func run(
        _ middleware: ArraySlice<any TurnMiddleware>,
        around ending: TurnEnding,
        _ context: TurnContext
    ) async -> Turn.Record {
        guard let first = middleware.first else { return await ending.record }
        return await first.handle(context) { await run(middleware.dropFirst(), around: ending, $0) }
    }

    private func respond(to prompt: Prompt, in id: Turn.ID) async {
        do {
            for try await piece in parts.responder.attributedResponse(to: prompt) {
                await room()
                advance { $0.responded(id, piece, now: $1) }
            }
            try Task.checkCancellation()
            advance { $0.responseEnded(id, now: $1) }
        } catch {
            // After a cancellation the turn is over and this does nothing.
            advance { $0.failed(id, stage: .response, reason: Self.reason(of: error), now: $1) }
        }
    }

    private func speak(_ segments: AsyncStream<(index: Int, text: String)>, of id: Turn.ID) async {
        // One for the whole answer: its voice does not change in the middle.
        let speaker = parts.synthesizer.speaker(with: parts.synthesis)
        do {
            for await (index, text) in segments {
                let sound = SegmentOutput(output)
                var isSilent = true
                for try await made in speaker.speak(text) {
                    isSilent = isSilent && made.isEmpty
                    await deliver(try sound.pieces(of: made), of: index, in: id)
                }
                try Task.checkCancellation()
                await deliver(sound.finish(), of: index, in: id)
                guard !isSilent else { throw SpeechError.producedNothing(engine: parts.synthesizer.name) }
                advance { $0.segmentEnded(id, segment: index, now: $1) }
            }
        } catch {
            advance { $0.failed(id, stage: .synthesis, reason: Self.reason(of: error), now: $1) }
        }
    }

    /// Why work failed, in a sentence for logs and users. What an error of an unknown kind says is not known to be fit
    /// for them.
    static func reason(of error: any Error) -> String {
        switch error {
        case let error as SpeechError: error.description
        case let error as AudioError: error.description
        case let error as ResponderError: error.description
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
