import ArgumentParser
import Audio
import Speech

/// Word errors and real-time factor of each recogniser on the bundled recordings.
struct Recognition: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Word errors and real-time factor of the recogniser.")

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Runs of each recording.")
    var runs = 3

    func run() async throws {
        var table = Table("Recognition", columns: ["words", "word errors %", "real-time factor"])
        let engines = try Corpus.engines(options.models)
        try await engines.recognizer.prepare()
        let transcription = FileTranscription(voiceActivity: engines.voiceActivity, recognizer: engines.recognizer)
        var wordsInAll = 0
        var errorsInAll = 0
        for (name, reference) in Corpus.recordings {
            let sound = try AudioDecoder.decode(file: "\(options.models)/samples/\(name).wav")
            var factor = Series()
            var heard = ""
            for _ in 0..<runs {
                let start = ContinuousClock.now
                heard = try await transcription.transcribe(sound).text
                factor.add((ContinuousClock.now - start) / sound.duration)
            }
            let words = Corpus.words(reference)
            let errors = Corpus.wordErrors(Corpus.words(heard), reference: words)
            wordsInAll += words.count
            errorsInAll += errors
            table.add(
                "moonshine, \(name)",
                Double(words.count),
                100 * Double(errors) / Double(words.count),
                factor.median
            )
        }
        table.add("both", Double(wordsInAll), 100 * Double(errorsInAll) / Double(wordsInAll), .nan)
        try table.print(asJSON: options.json)
    }
}
