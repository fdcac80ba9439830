import Events
import Foundation
import ServiceLifecycle

/// Trains networks and publishes how it goes: one at once, and another whenever a page asks for it.
struct Trainer: Service {
    let hub: EventHub
    let epochs: Int
    /// Whether one training is all.
    let once: Bool
    /// Where the page is, once it can be opened.
    let addresses: AsyncStream<String>

    func run() async throws {
        guard let address = await addresses.first(where: { _ in true }) else { return }
        TrainingProgress.say("Training \(epochs) epochs; watch it at \(address)")
        let (wishes, wish) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        hub.register(.custom) { _, message in
            if try JSONObjectReader(message).reader("data")?.string("action") == "train" { wish.yield() }
        }
        wish.yield()
        var number = 0
        for await _ in wishes.cancelOnGracefulShutdown() {
            number += 1
            let isDone = try await train(number)
            if once || !isDone { return }
        }
    }

    /// Trains a network; false when it was stopped.
    private func train(_ number: Int) async throws -> Bool {
        let session = "two-moons-\(number)"
        let publisher = TrainingPublisher(hub)
        var random = SeededGenerator(seed: UInt64(number))
        let known = TwoMoons(count: 4000, noise: 0.25, using: &random).points
        let unseen = TwoMoons(count: 1000, noise: 0.25, using: &random).points
        var network = Network(hidden: 48, using: &random)
        let rate = 0.5
        try await publisher.started(
            session,
            parameters: { parameters in
                parameters.member("epochs", epochs)
                parameters.member("learning_rate", rate)
                parameters.member("points", known.count)
                parameters.member("weights", network.parameterCount)
            },
            modelType: "network of two layers"
        )
        var outcome = Network.Outcome(loss: .nan, accuracy: 0)
        for epoch in 1...epochs {
            guard !Task.isShuttingDownGracefully, !Task.isCancelled else {
                try await publisher.failed(session, "The training was stopped in epoch \(epoch) of \(epochs).")
                return false
            }
            outcome = network.train(on: known, rate: rate)
            let validation = network.evaluate(on: unseen)
            try await publisher.progress(
                session,
                Double(epoch) / Double(epochs),
                epoch: epoch,
                loss: outcome.loss,
                metrics: { metrics in
                    metrics.member("accuracy", outcome.accuracy)
                    metrics.member("validation_accuracy", validation)
                }
            )
            // An epoch occupies a thread that requests need too.
            await Task.yield()
        }
        let accuracy = network.evaluate(on: unseen)
        try await publisher.completed(
            session,
            results: { $0.member("epochs", epochs) },
            finalMetrics: { metrics in
                metrics.member("loss", outcome.loss)
                metrics.member("accuracy", outcome.accuracy)
                metrics.member("validation_accuracy", accuracy)
            }
        )
        try await ModelPublisher(hub).created(session) { info in
            info.member("type", "network of two layers")
            info.member("weights", network.parameterCount)
            info.member("validation_accuracy", accuracy)
        }
        let percent = String(format: "%.1f %%", accuracy * 100)
        TrainingProgress.say("\(session) is trained: \(percent) of the points that it did not know are told right")
        return true
    }
}
