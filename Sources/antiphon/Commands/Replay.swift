import ArgumentParser
import Audio
import Conversation
import Foundation
import Serving
import Settings
import Speech

/// A policy of taking turns, as the command line names it.
enum PolicyName: String, CaseIterable, ExpressibleByArgument, Codable {
    case adaptive
    case serverVAD = "server_vad"
}

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what other settings would have made of a recorded conversation.",
        discussion: """
            Takes the folder of a recording (see recording.mode), the identifier of a recorded session, or a sound file in
            which only the user is heard. The sound runs through each policy faster than it was spoken; turn by turn and in
            a summary it is shown when turns would have ended, whether the user would have been cut off, and what would have
            become of answers that the user spoke over. Settings such as --set conversation.min_silence=300ms change the
            policies.
            """
    )

    @Argument(help: ArgumentHelp("The folder, session or sound file.", valueName: "recording"))
    var recording: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("The policies to try: adaptive, server_vad; by default both.", valueName: "policy")
    )
    var policy: [PolicyName] = PolicyName.allCases

    @Option(
        help:
            "What speech over an answer does: immediate, two_step or never; by default two_step for adaptive, immediate for server_vad."
    )
    var interruption: String?

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print everything as JSON.")
    var json = false

    func validate() throws {
        guard let interruption else { return }
        guard TurnTaking.Interruption(rawValue: interruption) != nil else {
            throw ValidationError("--interruption is immediate, two_step or never.")
        }
    }

    /// What one policy makes of the recording.
    private struct Outcome: Encodable {
        let policy: PolicyName
        let interruption: String
        let turns: [ReplayedTurn]
        let cut_offs: Int
        let false_interruptions: Int
        let silence_p50_ms: Double?
        let silence_p95_ms: Double?
    }

    private struct Report: Encodable {
        let recording: String
        let duration_seconds: Double
        let replay_seconds: Double
        let policies: [Outcome]
    }

    func run() async throws {
        let settings = try SettingsOptions.load(engine.sources).settings
        let (sound, answers, language) = try await load(settings)
        guard !sound.isEmpty else { throw Problem("Nothing was recorded in \(recording).") }
        let engines = try SpeechEngines(settings: settings)
        Terminal.showProgress("loading the engines")
        try await engines.recognizer.prepare()
        let replay = TurnReplay(
            voiceActivity: engines.voiceActivity,
            recognizer: engines.recognizer,
            language: language
        )
        let start = ContinuousClock.now
        var outcomes: [Outcome] = []
        for name in policy {
            let manner = manner(name, settings)
            let result = try await replay.run(sound, answers: answers, policy: manner) { part in
                Terminal.showProgress("\(name.rawValue): \(Int(part * 100)) %")
            }
            outcomes.append(
                Outcome(
                    policy: name,
                    interruption: manner.interruption.rawValue,
                    turns: result.turns,
                    cut_offs: result.cutOffs,
                    false_interruptions: result.falseInterruptions,
                    silence_p50_ms: result.silence(0.5),
                    silence_p95_ms: result.silence(0.95)
                )
            )
        }
        Terminal.clearProgress()
        let report = Report(
            recording: recording,
            duration_seconds: sound.duration / .seconds(1),
            replay_seconds: (ContinuousClock.now - start) / .seconds(1),
            policies: outcomes
        )
        if json { try printJSON(report) } else { print(Self.text(report)) }
    }

    private func manner(_ name: PolicyName, _ settings: Settings) -> TurnTaking {
        var manner = TurnTaking(settings) { _ in .unpaced }
        switch name {
        case .adaptive:
            manner.endpointing = .adaptive
            manner.interruption = .twoStep
        case .serverVAD:
            manner = .serverVAD
            if settings.conversation.turnPolicy == .serverVAD { manner.silence = settings.conversation.silence }
        }
        if let interruption = interruption.flatMap(TurnTaking.Interruption.init) { manner.interruption = interruption }
        return manner
    }

    private func load(_ settings: Settings) async throws -> (PCM, [Range<Duration>], String?) {
        let session = settings.recordingFolder + "/" + recording
        return try await offPool { [recording] in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(atPath: recording, isDirectory: &isFolder)
            if exists, !isFolder.boolValue { return (try AudioDecoder.decode(file: recording), [], nil) }
            let isSession = !exists && !recording.contains("/") && !recording.hasPrefix(".")
            let kept = try Recording(folder: isSession ? session : recording)
            return (kept.user, kept.answers, kept.header.language)
        }
    }

    private static func text(_ report: Report) -> String {
        var lines: [String] = []
        for outcome in report.policies {
            lines.append("\(outcome.policy.rawValue), interruption \(outcome.interruption)")
            for (index, turn) in outcome.turns.enumerated() {
                var notes: [String] = []
                if turn.isCutOff { notes.append("cut off") }
                if let overlap = turn.overlap { notes.append("answer \(overlap.rawValue)") }
                if turn.isFalseInterruption { notes.append("false interruption") }
                let times =
                    "\(seconds(turn.startMs))–\(seconds(turn.endOfSpeechMs)) s, ended after \(Int(turn.silenceMs)) ms"
                let note = notes.isEmpty ? "" : " [\(notes.joined(separator: ", "))]"
                lines.append("  \(index + 1). \(times)\(note): \(turn.transcript)")
            }
            let silence =
                outcome.silence_p50_ms.map { "\(Int($0)) ms (p95 \(Int(outcome.silence_p95_ms ?? $0)) ms)" } ?? "none"
            lines.append(
                "  \(outcome.turns.count) turns, \(outcome.cut_offs) cut off, \(outcome.false_interruptions) false "
                    + "interruptions, silence p50 \(silence)"
            )
        }
        lines.append(
            "\(seconds(report.duration_seconds * 1000)) s of sound in \(seconds(report.replay_seconds * 1000)) s"
        )
        return lines.joined(separator: "\n")
    }

    private static func seconds(_ milliseconds: Double) -> String {
        String(format: "%.2f", milliseconds / 1000)
    }
}
