import ArgumentParser
import Audio
import Conversation
import Dialogue
import Speech
import Storage

/// Whole spoken turns in real time: thirty utterances spoken by piper, heard, answered by the script and spoken.
struct Turns: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Latency of spoken turns, in real time.")

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Utterances, at most \(Corpus.questions.count).")
    var utterances = Corpus.questions.count

    func run() async throws {
        let engines = try Corpus.engines(options.models)
        try await engines.recognizer.prepare()
        try await engines.synthesizer.prepare()
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = .immediate
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
        var parts: [(String, KeyPath<Turn.Timings, Duration?>, Series)] = [
            ("endpoint to transcript", \.transcription, Series()), ("to first token", \.firstToken, Series()),
            ("to first sentence", \.firstSentence, Series()), ("to first audio", \.synthesis, Series()),
            ("end of speech to first audio", \.firstAudio, Series()),
        ]
        var endpointing = Series()
        for question in Corpus.questions.prefix(utterances) {
            let record = try await ask(question, session, engines)
            endpointing.add(record.timings.endpointing)
            for index in parts.indices {
                if let duration = record.timings[keyPath: parts[index].1] { parts[index].2.add(duration) }
            }
        }
        await session.close()
        var table = Table("Turns, milliseconds, 400 ms of silence included", columns: ["p50", "p95", "max"])
        table.add("end of speech to endpoint", endpointing.median, endpointing.percentile(0.95), endpointing.maximum)
        for (name, _, series) in parts {
            table.add(name, series.median, series.percentile(0.95), series.maximum)
        }
        try table.print(asJSON: options.json)
    }

    private func ask(_ question: String, _ session: Session, _ engines: SpeechEngines) async throws -> Turn.Record {
        var spoken = PCM.silence(.milliseconds(300), sampleRate: 22050)
        for try await piece in try engines.synthesizer.speak(question) { spoken.append(piece) }
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
}
