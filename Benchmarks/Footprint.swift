import ArgumentParser
import Audio
import Foundation
import Speech

/// Resident memory without engines and with all of them loaded.
struct Footprint: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Memory without and with engines, in megabytes.")

    @OptionGroup var options: BenchmarkOptions

    func run() async throws {
        var table = Table("Resident memory, megabytes", columns: ["now"])
        table.add("no engine loaded", Self.residentMegabytes())
        let engines = try Corpus.engines(options.models)
        try await engines.recognizer.prepare()
        table.add("and moonshine", Self.residentMegabytes())
        try await engines.synthesizer.prepare()
        table.add("and piper", Self.residentMegabytes())
        try await EspeakSynthesizer().prepare()
        _ = try await engines.voiceActivity.makeDetector()
        table.add("and espeak-ng and silero", Self.residentMegabytes())
        let sound = try AudioDecoder.decode(file: "\(options.models)/samples/two_cities.wav")
        _ = try await FileTranscription(voiceActivity: engines.voiceActivity, recognizer: engines.recognizer)
            .transcribe(sound)
        for try await _ in try engines.synthesizer.speak(Corpus.sentences.joined(separator: " ")) {}
        table.add("after 44 s heard and 30 sentences spoken", Self.residentMegabytes())
        try table.print(asJSON: options.json)
    }

    static func residentMegabytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return (Double(line.filter(\.isNumber)) ?? .nan) / 1024
    }
}
