import ArgumentParser
import Audio
import Conversation
import Dialogue
import Foundation
import Settings
import Logging
import Serving
import Speech
import Storage

struct Talk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hold one spoken turn: hear a recording, answer it, speak the answer.",
        discussion: """
            The recording counts as one utterance, whatever pauses it has. It is heard faster than it was spoken, but
            from the end of speech on in real time, so that the timings are those of a live conversation.
            """
    )

    @Argument(help: ArgumentHelp("The recording.", valueName: "file"))
    var input: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The file to write the spoken answer to.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("The kind of sound file, whatever its name.", valueName: "format"))
    var format: AudioFormat?

    @Option(help: ArgumentHelp("Silence that ends the utterance, in milliseconds.", valueName: "ms"))
    var silence: Int?

    @OptionGroup var responder: ResponderOptions
    @OptionGroup var voice: VoiceOptions
    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print the turn as JSON.")
    var json = false

    func validate() throws {
        guard (100...5000).contains(silence ?? 400) else { throw ValidationError("--silence is 100 to 5000 ms.") }
    }

    func run() async throws {
        var sources = engine.sources
        responder.add(to: &sources)
        let settings = try SettingsOptions.load(sources).settings
        let engines = try SpeechEngines(settings: settings)
        let chain = try ResponderChain(settings: settings)
        let synthesis = try await voice.synthesis(with: engines, settings: settings)
        let recording = try await offPool { [input] in try AudioDecoder.decode(file: input) }

        Terminal.showProgress("loading the engines")
        let start = ContinuousClock.now
        try await engines.recognizer.prepare()
        _ = try await engines.loadSynthesizer(for: synthesis)
        let load = ContinuousClock.now - start
        var turnTaking = TurnTaking(settings) { _ in .unpaced }
        turnTaking.idlePrompt = nil
        if turnTaking.endpointing == .manual { turnTaking.endpointing = .adaptive }
        if let silence {
            turnTaking.endpointing = .fixed
            turnTaking.silence = .milliseconds(silence)
        }
        var configuration = ConversationMachine.Configuration()
        // Until the player comes to the end of speech, no pause ends the turn.
        configuration.turnTaking.endpointing = .manual
        configuration.playbackClock = .immediate
        configuration.answerTimeout = settings.conversation.answerTimeout
        let directory = SessionDirectory(logger: Logger(label: "antiphon.talk"))
        let session = try await directory.make(
            NewSession(api: "talk"),
            parts: SessionParts(
                voiceActivity: engines.voiceActivity,
                recognizer: engines.recognizer,
                responder: chain,
                output: SynthesizedOutput(engines.synthesizer, options: synthesis)
            ),
            configuration: configuration
        ).session
        await directory.attach(session.id)
        let player = RecordingPlayer(recording: recording, voiceActivity: engines.voiceActivity)

        Terminal.showProgress("listening")
        let file = output == nil ? nil : try SoundFile(path: output, format: format, settings: settings)
        let record: Turn.Record
        do {
            record = try await converse(session, player, turnTaking, into: file)
        } catch {
            await directory.drain()
            throw error
        }
        await directory.drain()
        Terminal.clearProgress()
        try finish(file, record, load: load)
    }

    /// Plays the recording to the session and takes in what it says, until its turn is over.
    private func converse(
        _ session: Session,
        _ player: RecordingPlayer,
        _ turnTaking: TurnTaking,
        into file: SoundFile?
    ) async throws -> Turn.Record {
        let reader = await session.listener()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await player.play(to: session, then: turnTaking) }
            guard let record = try await read(reader, into: file) else {
                // What ended the playing says more than that nothing came of it.
                try await group.waitForAll()
                throw Problem("Nobody speaks in \(input).")
            }
            group.cancelAll()
            return record
        }
    }

    /// Reads what happens in the session until the turn is over; nil when it ends without one.
    private func read(_ reader: SessionReader, into file: SoundFile?) async throws -> Turn.Record? {
        var reader = reader
        while let reading = await reader.next() {
            switch reading {
            case .sound(let piece): try file?.write(piece.sound)
            case .event(let event):
                if case .turnEnded(let record) = event.kind { return record }
                show(event)
            case .lost, .soundHandedOver: break
            }
        }
        return nil
    }

    private func show(_ event: ConversationEvent) {
        switch event.kind {
        case .partialTranscript(_, let text): Terminal.showProgress("hearing: \(text.suffix(60))")
        case .answerText: Terminal.showProgress("answering")
        default: break
        }
    }

    private func finish(_ file: SoundFile?, _ record: Turn.Record, load: Duration) throws {
        switch record.outcome {
        case .completed:
            try file?.finish()
        case .failed(_, let reason):
            throw Problem(reason)
        case .nothingSaid, .cancelled, .interrupted, .unfinished:
            throw Problem("Nothing was said in \(input) that could be understood.")
        }
        let report = TurnReport(record, load: load, output: output)
        if json {
            try printJSON(report)
        } else {
            print(report.text)
        }
    }
}
