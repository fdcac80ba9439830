import ArgumentParser
import Audio
import Speech

/// Time to first audio of each synthesiser, and how fast it is compared with the sound it makes.
struct Synthesis: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "First audio and real-time factor of each synthesiser.")

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Runs of each text.")
    var runs = 20

    func run() async throws {
        let texts = [
            "a clause": "Hello there,", "a short sentence": "Your table is booked.",
            "a paragraph": Corpus.sentences.prefix(6).joined(separator: " "),
        ]
        var table = Table(
            "Synthesis, milliseconds",
            columns: ["first audio p50", "first audio p95", "real-time factor"]
        )
        for engine in [PiperSynthesizer.name, EspeakSynthesizer.name] {
            let synthesizer = try Corpus.engines(options.models, synthesizers: [engine]).synthesizer
            try await synthesizer.prepare()
            for (name, text) in texts.sorted(by: { $0.value.count < $1.value.count }) {
                var first = Series()
                var factor = Series()
                for _ in 0..<runs {
                    let start = ContinuousClock.now
                    var sound = Duration.zero
                    for try await piece in try synthesizer.speak(text) {
                        if sound == .zero { first.add(ContinuousClock.now - start) }
                        sound += piece.duration
                    }
                    factor.add((ContinuousClock.now - start) / sound)
                }
                table.add("\(engine), \(name)", first.median, first.percentile(0.95), factor.median)
            }
        }
        try table.print(asJSON: options.json)
    }
}

/// Time from cancellation until the reader of the sound is told, in the middle of a long answer.
struct Cancellation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time from cancelling to silence.")

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Cancellations of each engine.")
    var runs = 30

    func run() async throws {
        var table = Table("Cancel to silence, milliseconds", columns: ["p50", "p95", "max"])
        for engine in [PiperSynthesizer.name, EspeakSynthesizer.name] {
            let synthesizer = try Corpus.engines(options.models, synthesizers: [engine]).synthesizer
            try await synthesizer.prepare()
            var series = Series()
            for run in 0..<runs {
                series.add(try await cancel(synthesizer, after: .milliseconds(20 + run * 5)))
            }
            table.add(engine, series.median, series.percentile(0.95), series.maximum)
        }
        try table.print(asJSON: options.json)
    }

    private func cancel(_ synthesizer: any SpeechSynthesizer, after delay: Duration) async throws -> Duration {
        let text = Array(repeating: Corpus.sentences.joined(separator: " "), count: 20).joined(separator: " ")
        let speaking = Task { for try await _ in try synthesizer.speak(text) {} }
        try await Task.sleep(for: delay)
        let start = ContinuousClock.now
        speaking.cancel()
        _ = await speaking.result
        return ContinuousClock.now - start
    }
}
