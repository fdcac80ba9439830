import ArgumentParser
import Audio
import Conversation
import Dialogue
import Speech
import Storage

/// Whole spoken turns in real time, and what policies of taking turns make of pauses and of listeners' words: all with the same
/// settings, in one run.
struct Turns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Latency of spoken turns in real time, cut-offs and false interruptions, for three policies."
    )

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Utterances, at most \(Corpus.questions.count).")
    var utterances = Corpus.questions.count

    /// A policy and what it comes to.
    private struct Candidate {
        let name: String
        let manner: TurnTaking
        var endpointing = Series()
        var firstAudio = Series()
        var parts: [(String, KeyPath<Turn.Timings, Duration?>, Series)] = [
            ("endpoint to transcript", \.transcription, Series()), ("to first token", \.firstToken, Series()),
            ("to first sentence", \.firstSentence, Series()), ("to first audio", \.synthesis, Series()),
        ]
        var cutOffs = 0
        var falseInterruptions = 0
    }

    private static var candidates: [Candidate] {
        var adaptive = TurnTaking()
        adaptive.interruption = .twoStep
        var fixed = TurnTaking.serverVAD
        fixed.silence = .milliseconds(400)
        return [
            Candidate(name: "adaptive", manner: adaptive), Candidate(name: "fixed 400 ms", manner: fixed),
            Candidate(name: "server_vad 500 ms", manner: .serverVAD),
        ]
    }

    func run() async throws {
        let engines = try Corpus.engines(options.models)
        try await engines.recognizer.prepare()
        try await engines.synthesizer.prepare()
        var candidates = Self.candidates
        for index in candidates.indices {
            try await measureLatency(&candidates[index], engines)
        }
        let replay = TurnReplay(voiceActivity: engines.voiceActivity, recognizer: engines.recognizer, language: "en")
        try await measurePauses(&candidates, replay, engines)
        try await measureListening(&candidates, replay, engines)
        try show(candidates)
    }

    private func show(_ candidates: [Candidate]) throws {
        var policies = Table(
            "Policies of taking turns, milliseconds",
            columns: [
                "first audio p50", "p95", "p50 ÷ fixed 400", "p95 ÷ fixed 400",
                "cut-offs of \(TurnCorpus.paused.count)",
                "false interruptions of \(TurnCorpus.backchannels.count + TurnCorpus.noises.count)",
            ]
        )
        let fixed = candidates[1].firstAudio
        for candidate in candidates {
            let series = candidate.firstAudio
            policies.add(
                candidate.name,
                series.median,
                series.percentile(0.95),
                series.median / fixed.median,
                series.percentile(0.95) / fixed.percentile(0.95),
                Double(candidate.cutOffs),
                Double(candidate.falseInterruptions)
            )
        }
        try policies.print(asJSON: options.json)
        for candidate in candidates {
            var table = Table("Turns, \(candidate.name), milliseconds", columns: ["p50", "p95", "max"])
            let endpointing = candidate.endpointing
            table.add(
                "end of speech to endpoint",
                endpointing.median,
                endpointing.percentile(0.95),
                endpointing.maximum
            )
            let whole = ("end of speech to first audio", candidate.firstAudio)
            for (name, series) in candidate.parts.map({ ($0.0, $0.2) }) + [whole] {
                table.add(name, series.median, series.percentile(0.95), series.maximum)
            }
            try table.print(asJSON: options.json)
        }
    }

    // MARK: Latency

    private func measureLatency(_ candidate: inout Candidate, _ engines: SpeechEngines) async throws {
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = .immediate
        configuration.turnTaking = candidate.manner
        let session = Session(
            id: "benchmark",
            parts: SessionParts(
                voiceActivity: engines.voiceActivity,
                recognizer: engines.recognizer,
                responder: ScriptResponder(script: try .bundled()),
                output: SynthesizedOutput(engines.synthesizer)
            ),
            configuration: configuration
        )
        for question in Corpus.questions.prefix(utterances) {
            let record = try await ask(question, session, engines)
            candidate.endpointing.add(record.timings.endpointing)
            if let duration = record.timings.firstAudio { candidate.firstAudio.add(duration) }
            for index in candidate.parts.indices {
                if let duration = record.timings[keyPath: candidate.parts[index].1] {
                    candidate.parts[index].2.add(duration)
                }
            }
        }
        await session.close()
    }

    private func ask(_ question: String, _ session: Session, _ engines: SpeechEngines) async throws -> Turn.Record {
        var spoken = PCM.silence(.milliseconds(300), sampleRate: 22050)
        spoken.append(try await say(question, engines))
        spoken.append(.silence(.seconds(3), sampleRate: spoken.sampleRate))
        let sound = spoken
        var reader = await session.listener()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var due = ContinuousClock.now
                for piece in sound.pieces(of: .milliseconds(20)) {
                    due += piece.duration
                    try await Task.sleep(until: due, tolerance: .milliseconds(1))
                    try await session.hear(piece)
                }
            }
            while let reading = await reader.next() {
                guard case .event(let event) = reading, case .turnEnded(let record) = event.kind else { continue }
                group.cancelAll()
                return record
            }
            throw CancellationError()
        }
    }

    private func say(_ text: String, _ engines: SpeechEngines) async throws -> PCM {
        var spoken = PCM([], sampleRate: 22050)
        for try await piece in try engines.synthesizer.speak(text) { spoken.append(piece) }
        return spoken
    }

    // MARK: Pauses and listeners

    /// How often users who pause to think for 0.5 to 0.9 s are cut off.
    private func measurePauses(
        _ candidates: inout [Candidate],
        _ replay: TurnReplay,
        _ engines: SpeechEngines
    ) async throws {
        for (index, utterance) in TurnCorpus.paused.enumerated() {
            var sound = PCM.silence(.milliseconds(500), sampleRate: 22050)
            sound.append(trimmed(try await say(utterance.before, engines)))
            sound.append(.silence(.milliseconds(500 + 100 * (index % 5)), sampleRate: 22050))
            sound.append(try await say(utterance.after, engines))
            for index in candidates.indices {
                let result = try await replay.run(sound, policy: candidates[index].manner)
                if result.turns.count > 1 { candidates[index].cutOffs += 1 }
            }
        }
    }

    /// How often an answer ends because of somebody who only listens, or makes a sound.
    private func measureListening(
        _ candidates: inout [Candidate],
        _ replay: TurnReplay,
        _ engines: SpeechEngines
    ) async throws {
        var clips: [PCM] = []
        for word in TurnCorpus.backchannels { clips.append(trimmed(try await say(word, engines))) }
        for clip in clips + TurnCorpus.noises.map({ $0.resampled(to: 22050) }) {
            var sound = PCM.silence(.seconds(1), sampleRate: 22050)
            sound.append(clip)
            sound.append(.silence(.seconds(2), sampleRate: 22050))
            let answer = Duration.zero..<sound.duration
            for index in candidates.indices {
                let result = try await replay.run(sound, answers: [answer], policy: candidates[index].manner)
                if result.turns.contains(where: { $0.overlap == .interrupted }) {
                    candidates[index].falseInterruptions += 1
                }
            }
        }
    }

    /// Without the silence at its ends.
    private func trimmed(_ sound: PCM) -> PCM {
        let isLoud: (Float) -> Bool = { abs($0) > 0.01 }
        guard let first = sound.samples.firstIndex(where: isLoud), let last = sound.samples.lastIndex(where: isLoud)
        else {
            return sound
        }
        return PCM(Array(sound.samples[first...last]), sampleRate: sound.sampleRate)
    }
}
