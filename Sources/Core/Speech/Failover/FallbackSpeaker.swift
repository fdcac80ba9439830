import Audio
import Synchronization

/// The speaking of one text: on one engine after another until one makes sound, and on that one from then on.
final class FallbackSpeaker: TextSpeaker {
    private let engines: [any SpeechSynthesizer]
    private let options: SynthesisOptions
    private let failover: SharedFailover
    /// The engines that may speak, by their place in `engines`, the preferred one first.
    private let order: [Int]
    /// The one that has spoken.
    private let chosen = Mutex<Int?>(nil)

    init(engines: [any SpeechSynthesizer], options: SynthesisOptions, failover: SharedFailover) {
        self.engines = engines
        self.options = options
        self.failover = failover
        order = options.order(among: engines)
    }

    var speaker: Speaker? { chosen.withLock { $0 }.map { Speaker(engines[$0], options) } }

    func speak(_ segment: String) -> SpeechAudio {
        let attempt = SegmentAttempt(speaker: self, segment: segment)
        return SpeechAudio { try await attempt.next() }
    }

    /// The engines that may speak the next segment.
    fileprivate var candidates: [Int] { chosen.withLock { $0 }.map { [$0] } ?? order }

    fileprivate func choose(from order: [Int]) -> (index: Int?, retryAfter: Duration?) {
        failover.withLock { $0.choose(from: order, at: .now) }
    }

    fileprivate func start(_ segment: String, on index: Int) -> SpeechAudio.Iterator {
        engines[index].synthesize(segment, options: options).makeAsyncIterator()
    }

    fileprivate func name(of index: Int) -> String { engines[index].name }

    fileprivate func made(soundOn index: Int) {
        chosen.withLock { $0 = index }
        failover.withLock { $0.succeeded(index) }
    }

    /// Takes note of an error of an engine and says what to do about it.
    fileprivate func failed(_ index: Int, with error: any Error) -> FailoverVerdict {
        let verdict = FailoverVerdict(error)
        failover.withLock { failover in
            if verdict == .engineFailed {
                failover.failed(index, at: .now)
            } else {
                failover.abandoned(index, at: .now)
            }
        }
        return verdict
    }

    /// What to throw in place of an engine's error: that the voice cannot be used, if no other may speak and the fault
    /// lies with its engine.
    fileprivate func end(_ error: any Error, retryAfter: Duration?) -> any Error {
        // Once there was sound, a busy engine is waited for.
        guard let voice = options.voice, !options.mayReplaceVoice, chosen.withLock({ $0 }) == nil,
            let error = error as? SpeechError
        else { return error }
        let speaker = Speaker(engine: voice.engine, voice: voice.name)
        switch error {
        case .busy(_, let time): return SpeechError.voiceUnusable(speaker, cause: error, retryAfter: time)
        case .unavailable, .failed, .producedNothing, .allFailed:
            return SpeechError.voiceUnusable(speaker, cause: error, retryAfter: retryAfter)
        default: return error
        }
    }
}

/// The speaking of one segment.
private actor SegmentAttempt {
    private let speaker: FallbackSpeaker
    private let segment: String
    private var speaking: (index: Int, sound: SpeechAudio.Iterator)?

    init(speaker: FallbackSpeaker, segment: String) {
        self.speaker = speaker
        self.segment = segment
    }

    func next() async throws -> PCM? {
        if let index = speaking?.index {
            do {
                return try await piece()
            } catch {
                // Its beginning counted as a success, so only a failure is news.
                if FailoverVerdict(error) == .engineFailed { _ = speaker.failed(index, with: error) }
                throw error
            }
        }
        var untried = speaker.candidates
        var failures: [any Error] = []
        while true {
            let choice = speaker.choose(from: untried)
            guard let index = choice.index else {
                let error = Failover.end(.synthesizer, failures, retryAfter: choice.retryAfter)
                throw speaker.end(error, retryAfter: choice.retryAfter)
            }
            untried.removeAll { $0 == index }
            do {
                speaking = (index, speaker.start(segment, on: index))
                guard let first = try await piece(), !first.isEmpty else {
                    throw SpeechError.producedNothing(engine: speaker.name(of: index))
                }
                speaker.made(soundOn: index)
                return first
            } catch {
                speaking = nil
                guard speaker.failed(index, with: error) != .passOn else {
                    throw speaker.end(error, retryAfter: nil)
                }
                failures.append(error)
            }
        }
    }

    private func piece() async throws -> PCM? {
        guard var current = speaking else { return nil }
        let piece = try await current.sound.next()
        speaking = current
        return piece
    }
}

extension SynthesisOptions {
    /// The places among `engines` of those that may speak, the preferred one first.
    func order(among engines: [any SpeechSynthesizer]) -> [Int] {
        let own = engines.indices.filter { $0 == ownEngine(among: engines) }
        let isFixed = voice != nil && !mayReplaceVoice
        return isFixed ? own : own + engines.indices.filter { !own.contains($0) }
    }

    /// The place of the voice's engine among `engines`.
    private func ownEngine(among engines: [any SpeechSynthesizer]) -> Int? {
        voice.flatMap { voice in engines.firstIndex { $0.name == voice.engine } }
    }
}
