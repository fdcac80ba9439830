import Audio
import Dialogue
import Speech
import Synchronization

@testable import Conversation

extension EngineDescription {
    static let fake = EngineDescription(
        name: "fake",
        role: .recognizer,
        version: nil,
        licence: "MIT",
        languages: [],
        sampleRate: nil,
        availability: .available
    )
}

/// Hears "heard" in everything.
struct FixedRecognizer: SpeechRecognizer {
    let name = "fixed"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript { Transcript(text: "heard") }
}

/// Speaks every segment as samples that count on, at 1000 Hz.
struct CountingSynthesizer: SpeechSynthesizer {
    let seconds: Double
    let name = "counting"

    /// The samples of a segment.
    static func samples(_ seconds: Double) -> [Float] { (0..<Int(seconds * 1000)).map { Float($0) / 16384 } }

    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { [] }
    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio(whole: { PCM(Self.samples(seconds), sampleRate: 1000) })
    }
}

/// Answers the same to everything.
struct Fixed: Responder {
    let name = "fixed"
    let text: String

    init(_ text: String) {
        self.text = text
    }

    func respond(to prompt: Prompt) -> Response { Response(text: text) }
}

/// Answers with so many words, one by one.
struct ManyWords: Responder {
    let name = "words"
    let count: Int

    func respond(to prompt: Prompt) -> Response {
        let left = Mutex(count)
        return Response {
            left.withLock { left in
                left -= 1
                return left >= 0 ? .text("word ") : nil
            }
        }
    }
}

extension SessionParts {
    /// Parts that hear "heard", answer with what they heard and speak it.
    static func fakes(
        responder: any Responder = EchoResponder(),
        segmentSeconds: Double = 1,
        output: (any SpeechOutput)? = nil,
        middleware: [any TurnMiddleware] = []
    ) -> SessionParts {
        SessionParts(
            voiceActivity: EnergyEngine(),
            recognizer: FixedRecognizer(),
            responder: responder,
            output: output ?? SynthesizedOutput(CountingSynthesizer(seconds: segmentSeconds)),
            middleware: middleware
        )
    }
}

extension ConversationMachine.Configuration {
    static func of(_ clock: PlaybackLedger.Clock) -> Self {
        var configuration = Self()
        configuration.playbackClock = clock
        return configuration
    }
}

extension Session {
    static func ofFakes(
        responder: any Responder = EchoResponder(),
        segmentSeconds: Double = 1,
        clock: PlaybackLedger.Clock = .immediate,
        output: (any SpeechOutput)? = nil,
        middleware: [any TurnMiddleware] = []
    ) -> Session {
        Session(
            id: "test",
            parts: .fakes(responder: responder, segmentSeconds: segmentSeconds, output: output, middleware: middleware),
            configuration: .of(clock)
        )
    }
}

/// A clock that a test moves.
final class ManualClock: Sendable {
    private struct State {
        var now = ContinuousClock.now
        var sleepers: [Int: (due: ContinuousClock.Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    var sessionClock: SessionClock {
        SessionClock(now: { self.state.withLock(\.now) }, sleep: { try await self.sleep(until: $0) })
    }

    /// Lets time pass and wakes those whose time has come.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.due <= state.now }
            due.keys.forEach { state.sleepers[$0] = nil }
            return due.values.map(\.continuation)
        }
        woken.forEach { $0.resume() }
    }

    private func sleep(until due: ContinuousClock.Instant) async throws {
        let number = state.withLock { state in
            state.last += 1
            return state.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if due <= state.now { return .success(()) }
                    state.sleepers[number] = (due, continuation)
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume(
                throwing: CancellationError()
            )
        }
    }
}
