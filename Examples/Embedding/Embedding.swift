import Audio
import Conversation
import Dialogue
import Events
import Foundation
import NIOCore
import NIOPosix
import Speech
import Storage

/// Uses the libraries of the package in a program of its own, without a server: publishes and follows, speaks into a file,
/// and holds one turn of a conversation. Give it the file to write.
@main
struct Embedding {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            FileHandle.standardError.write(Data("usage: embedding FILE.wav\n".utf8))
            exit(2)
        }
        let hub = EventHub(table: TopicTable(), eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        try await publishAndFollow(hub)
        // Needs no models; with those in `models` the configuration's own engines speak better.
        var configuration = SpeechEngines.Configuration()
        configuration.synthesizers = ["espeak-ng"]
        configuration.voiceActivity = ["energy"]
        let engines = try SpeechEngines(configuration: configuration)
        try await speak("Hello from a program of its own.", with: engines, into: CommandLine.arguments[1])
        try await converse(engines, hub)
        await hub.close()
    }

    /// Publishes how something goes, and reads it as anybody in the program may.
    private static func publishAndFollow(_ hub: EventHub) async throws {
        let events = try hub.subscribe(SubscriptionRequest(.exact(.training)))
        let publisher = TrainingPublisher(hub)
        try await publisher.started("run-1")
        for epoch in 1...2 { try await publisher.progress("run-1", Double(epoch) / 2, epoch: epoch, loss: nil) }
        try await publisher.completed("run-1")
        for await event in events {
            print("event", event.position.offset, event.type, String(buffer: event.data))
            if event.type == EventType.trainingCompleted.rawValue { break }
        }
    }

    /// Speaks a text into a WAV file.
    private static func speak(_ text: String, with engines: SpeechEngines, into path: String) async throws {
        var sound: PCM?
        for try await piece in try engines.synthesizer.speak(text) {
            sound?.append(piece)
            sound = sound ?? piece
        }
        guard let sound else { return }
        try Data(AudioEncoder.encodeWhole(sound, as: .wav)).write(to: URL(filePath: path))
        print("spoken", sound.sampleRate, "Hz,", String(format: "%.1f", sound.duration / .seconds(1)), "s")
    }

    /// One turn: the user writes, the responder answers, the answer is spoken.
    private static func converse(_ engines: SpeechEngines, _ hub: EventHub) async throws {
        let parts = SessionParts(
            voiceActivity: engines.voiceActivity,
            recognizer: engines.recognizer,
            responder: EchoResponder(prefix: "You wrote: "),
            output: SynthesizedOutput(engines.synthesizer),
            events: hub
        )
        let session = Session(id: "embedded", parts: parts, configuration: .init())
        var reader = await session.listener(from: 1)
        await session.write("Is anybody there?")
        var samples = 0
        while let next = await reader.next() {
            if case .sound(let piece) = next { samples += piece.sound.samples.count }
            guard case .event(let event) = next, case .turnEnded(let record) = event.kind else { continue }
            print("answer \(record.answer) outcome \(record.outcome.name) with sound: \(samples > 0)")
            await session.close()
        }
    }
}
