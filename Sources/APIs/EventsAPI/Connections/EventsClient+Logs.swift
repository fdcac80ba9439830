import Events
import NIOCore
import WebSocket

extension EventsClient {
    /// Reads the log of a topic for something, and goes on with what came of it.
    private func read<Outcome: Sendable>(
        _ body: @escaping @Sendable () async throws -> Outcome,
        then next: @escaping @Sendable (EventsClient, Result<Outcome, any Error>) -> Void
    ) {
        let loop = subscriber.connection.eventLoop
        let client = NIOLoopBound(self, eventLoop: loop)
        reading = Task {
            let result: Result<Outcome, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            loop.execute {
                guard client.value.subscriber.connection.isOpen else { return }
                next(client.value, result)
            }
        }
    }

    func readHistory(of topic: TopicName, since: Position?, limit: Int) {
        pause()
        read { [hub = crew.hub] in
            try await hub.history(of: topic, since: since, limit: limit)
        } then: { client, result in
            switch result {
            case .success(let recovery): client.subscriber.answer(.history(topic, recovery, since: since))
            case .failure: client.subscriber.answer(.mistake(.unavailable("The history could not be read; try again.")))
            }
            client.goOn()
        }
    }

    /// Sends more of what only a topic's log holds, or begins the subscription when that is all.
    func readOn(_ start: StoredStart) {
        read {
            try await start.recovery.next()
        } then: { client, result in
            client.sendOn(start, result)
        }
    }

    private func sendOn(_ start: StoredStart, _ result: Result<[Publication]?, any Error>) {
        let epoch = start.recovery.position.epoch
        switch result {
        case .failure(let error):
            let reason = (error as? StoredRecovery.Failure ?? .unreadable).description
            goodbye(.tryAgainLater, reason, discardingQueue: true)
        case .success(nil): begin(start)
        case .success(let page?):
            guard send(page, of: start.topic, epoch: epoch, start.request.filter) == .sent else {
                // The rest waits until the client has taken this.
                return recovering = start
            }
            readOn(start)
        }
    }

    /// All that only the log held is sent: the subscription begins, with what memory holds.
    private func begin(_ start: StoredStart) {
        var request = start.request
        request.since = start.recovery.reached
        // The client has it already.
        request.wantsState = false
        do {
            switch try crew.hub.start(subscriber, request, as: member) {
            case .begun(let beginning):
                guard let recovery = beginning.recovery, recovery.isComplete || start.recovery.isGapKnown else {
                    return goodbye(.tryAgainLater, StoredRecovery.Failure.gone.description, discardingQueue: true)
                }
                send(recovery.publications, of: start.topic, epoch: recovery.position.epoch, request.filter)
                goOn()
            case .behind(let recovery):
                readOn(StoredStart(topic: start.topic, request: request, recovery: recovery))
            }
        } catch {
            subscriber.answer(.mistake(.tooManyTopics(error.description)))
            goOn()
        }
    }
}

/// A subscription that begins when what only the topic's log holds has been sent.
struct StoredStart: Sendable {
    let topic: TopicName
    let request: SubscriptionRequest
    let recovery: StoredRecovery
}
