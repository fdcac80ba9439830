import Audio
import Speech

/// Decides what of an utterance is transcribed when, and puts the transcript together: a state machine between the
/// utterance detector and the recogniser.
///
/// While the user speaks, the growing part is transcribed for partial transcripts. When the user pauses, the part is
/// transcribed at once, so that the transcript is often ready before the silence is long enough to end the turn.
struct TranscriptAssembler: Sendable {
    typealias RequestID = Int

    enum Action: Sendable, Equatable {
        /// Transcribe this sound and report with `completed` or `failed`.
        case transcribe(RequestID, PCM)
        /// The result of this request is not wanted any more.
        case abandon(RequestID)
        /// What the user seems to be saying; `inPause` tells whether it is all that was said before the pause that goes on.
        case partial(Utterance.ID, String, inPause: Bool)
        /// The transcript of an utterance that has ended.
        case finished(Utterance.ID, String)
        /// The transcript of an utterance that has ended cannot be had.
        case broken(Utterance.ID, String)
    }

    private enum Text: Equatable {
        case awaited(RequestID)
        case known(String)
        case failed(String)
    }

    private struct Pending {
        let id: Utterance.ID
        var closedParts: [Text] = []
        /// The transcript of the open part as of the pause at which speech ended here.
        var pause: (endOfSpeech: Int, text: Text)?
        var partial: RequestID?
        var isPaused = false
        var hasEnded = false
    }

    private var pending: [Pending] = []
    private var lastRequest: RequestID = 0

    /// Takes what the detector found.
    mutating func handle(_ event: UtteranceDetector.Event) -> [Action] {
        switch event {
        case .started(let id, _):
            pending.append(Pending(id: id))
            return []
        case .grown(let utterance):
            guard let index = index(utterance.id), pending[index].partial == nil else { return [] }
            let request = nextRequest()
            pending[index].partial = request
            return [.transcribe(request, utterance.audio)]
        case .paused(let utterance):
            guard let index = index(utterance.id) else { return [] }
            var actions = abandonPartial(index) + abandonPause(index)
            let request = nextRequest()
            pending[index].pause = (utterance.endOfSpeech, .awaited(request))
            pending[index].isPaused = true
            actions.append(.transcribe(request, utterance.audio))
            return actions
        case .resumed(let id):
            if let index = index(id) { pending[index].isPaused = false }
            return []
        case .part(let utterance):
            return index(utterance.id).map { close($0, utterance) } ?? []
        case .ended(let utterance):
            guard let index = index(utterance.id) else { return [] }
            let actions = abandonPartial(index) + close(index, utterance)
            pending[index].hasEnded = true
            return actions + finish()
        }
    }

    /// Takes the result of a request.
    mutating func completed(_ request: RequestID, _ text: String) -> [Action] {
        settle(request, .known(text))
    }

    /// Takes the failure of a request.
    mutating func failed(_ request: RequestID, _ reason: String) -> [Action] {
        settle(request, .failed(reason))
    }

    /// Forgets everything, as when the session ends.
    mutating func abandonAll() -> [Action] {
        defer { pending = [] }
        return pending.indices.flatMap { index -> [Action] in
            let parts = pending[index].closedParts + (pending[index].pause.map { [$0.text] } ?? [])
            return abandonPartial(index)
                + parts.compactMap { if case .awaited(let request) = $0 { .abandon(request) } else { nil } }
        }
    }

    private mutating func settle(_ request: RequestID, _ text: Text) -> [Action] {
        for index in pending.indices {
            if pending[index].partial == request {
                pending[index].partial = nil
                guard case .known(let words) = text else { return [] }
                return [.partial(pending[index].id, joined(index, with: words), inPause: false)]
            }
            if pending[index].pause?.text == .awaited(request) {
                pending[index].pause?.text = text
                guard case .known(let words) = text else { return [] }
                let inPause = pending[index].isPaused
                return [.partial(pending[index].id, joined(index, with: words), inPause: inPause)]
            }
            if let part = pending[index].closedParts.firstIndex(of: .awaited(request)) {
                pending[index].closedParts[part] = text
                return finish()
            }
        }
        return []
    }

    /// Closes the open part, with the transcript made at the pause before if nothing was said since.
    private mutating func close(_ index: Int, _ utterance: Utterance) -> [Action] {
        if let pause = pending[index].pause, pause.endOfSpeech == utterance.endOfSpeech {
            if case .failed = pause.text {
            } else {
                pending[index].closedParts.append(pause.text)
                pending[index].pause = nil
                return []
            }
        }
        let actions = abandonPause(index)
        let request = nextRequest()
        pending[index].closedParts.append(.awaited(request))
        return actions + [.transcribe(request, utterance.audio)]
    }

    /// Reports the utterances that have ended and whose parts are all settled, in their order.
    private mutating func finish() -> [Action] {
        var actions: [Action] = []
        while let first = pending.first, first.hasEnded {
            var words: [String] = []
            var failure: String?
            for part in first.closedParts {
                switch part {
                case .awaited: return actions
                case .known(let text): words.append(text)
                case .failed(let reason): failure = reason
                }
            }
            pending.removeFirst()
            actions.append(failure.map { .broken(first.id, $0) } ?? .finished(first.id, join(words)))
        }
        return actions
    }

    private func joined(_ index: Int, with last: String) -> String {
        let parts = pending[index].closedParts.map { if case .known(let text) = $0 { text } else { "" } }
        return join(parts + [last])
    }

    private func join(_ parts: [String]) -> String {
        parts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private mutating func abandonPartial(_ index: Int) -> [Action] {
        defer { pending[index].partial = nil }
        return pending[index].partial.map { [.abandon($0)] } ?? []
    }

    private mutating func abandonPause(_ index: Int) -> [Action] {
        defer { pending[index].pause = nil }
        if case .awaited(let request)? = pending[index].pause?.text { return [.abandon(request)] }
        return []
    }

    private func index(_ id: Utterance.ID) -> Int? {
        pending.firstIndex { $0.id == id && !$0.hasEnded }
    }

    private mutating func nextRequest() -> RequestID {
        lastRequest += 1
        return lastRequest
    }
}
