import NIOCore
import NIOPosix
import Testing

@testable import Events

@Suite struct TrainingPublisherTests {
    let hub = EventHub(
        table: TopicTable(defaultClass: TopicClass(keepsState: true)),
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton
    )

    /// What the history of a topic holds: types and payloads.
    private func published(_ topic: TopicName = "training") -> [String] {
        (hub.heldHistory(of: topic, since: nil, limit: .max)?.publications ?? []).map { "\($0.type) \($0.data.text)" }
    }

    @Test func `a training tells of its beginning and its end with all keys in order`() async throws {
        let publisher = TrainingPublisher(hub)
        try await publisher.started(
            "s1",
            parameters: { parameters in
                parameters.member("rate", 0.5)
                parameters.member("layers", 2)
            },
            estimatedDuration: .milliseconds(90_500),
            modelType: "network"
        )
        try await publisher.completed(
            "s1",
            results: { $0.member("epochs", 3) },
            modelPath: "models/a.bin",
            finalMetrics: { $0.member("accuracy", 0.75) }
        )
        #expect(
            published() == [
                #"training_started {"session_id":"s1","parameters":{"rate":0.5,"layers":2},"#
                    + #""estimated_duration":90.5,"model_type":"network"}"#,
                #"training_completed {"session_id":"s1","results":{"epochs":3},"model_path":"models/a.bin","#
                    + #""final_metrics":{"accuracy":0.75}}"#,
            ]
        )
    }

    @Test func `what is not known is null or empty`() async throws {
        let publisher = TrainingPublisher(hub)
        try await publisher.started("s1")
        try await publisher.completed("s1")
        try await publisher.failed("s2", "It \"broke\".")
        try await publisher.failed("s3", "It broke.", traceback: "line 1\nline 2")
        #expect(
            published() == [
                #"training_started {"session_id":"s1","parameters":{},"estimated_duration":null,"model_type":null}"#,
                #"training_completed {"session_id":"s1","results":{},"model_path":null,"final_metrics":{}}"#,
                #"training_error {"session_id":"s2","error":"It \"broke\".","traceback":null}"#,
                #"training_error {"session_id":"s3","error":"It broke.","traceback":"line 1\nline 2"}"#,
            ]
        )
    }

    @Test func `the remaining time is -1 as long as it is unknown`() async throws {
        let publisher = TrainingPublisher(hub)
        try await publisher.progress("never started", 0.5, epoch: 1, loss: 0.25)
        try await publisher.started("s1")
        try await publisher.progress("s1", 0, epoch: 0, loss: nil, metrics: { $0.member("accuracy", 0.5) })
        #expect(
            published() == [
                #"training_progress {"session_id":"never started","progress":0.5,"current_epoch":1,"loss":0.25,"#
                    + #""metrics":{},"estimated_time_remaining":-1}"#,
                #"training_started {"session_id":"s1","parameters":{},"estimated_duration":null,"model_type":null}"#,
                #"training_progress {"session_id":"s1","progress":0.0,"current_epoch":0,"loss":null,"#
                    + #""metrics":{"accuracy":0.5},"estimated_time_remaining":-1}"#,
            ]
        )
    }

    @Test func `the remaining time follows from the time that the training took`() async throws {
        let publisher = TrainingPublisher(hub)
        let before = ContinuousClock.now
        try await publisher.started("s1")
        try await publisher.progress("s1", 0.25, epoch: 1, loss: 1)
        let longest = (ContinuousClock.now - before) / .seconds(1) * 3
        try await publisher.progress("s1", 7, epoch: 4, loss: 1)
        let progress = try #require(hub.heldHistory(of: "training", since: nil, limit: .max)).publications.dropFirst()
        let data = try progress.map { try JSONObjectReader($0.data) }
        let remaining = try #require(data[0].double("estimated_time_remaining"))
        #expect(remaining > 0 && remaining <= longest)
        #expect(data[1].double("progress") == 1)
        #expect(data[1].double("estimated_time_remaining") == 0)
    }

    @Test(arguments: [.nan, .infinity, -.infinity] as [Double])
    func `numbers that JSON does not have become null`(number: Double) async throws {
        let publisher = TrainingPublisher(hub)
        try await publisher.started("s1")
        try await publisher.progress("s1", number, epoch: 1, loss: number, metrics: { $0.member("norm", number) })
        #expect(
            published().last
                == #"training_progress {"session_id":"s1","progress":null,"current_epoch":1,"loss":null,"#
                + #""metrics":{"norm":null},"estimated_time_remaining":-1}"#
        )
    }

    @Test func `the state of the topic has the newest message of each training that runs`() async throws {
        let publisher = TrainingPublisher(hub)
        func state() -> [String] {
            (hub.snapshot(of: "training")?.entries ?? []).map { "\($0.stateKey ?? "") \($0.type) \($0.offset)" }
        }
        try await publisher.started("a")
        try await publisher.started("b")
        try await publisher.progress("a", 0.5, epoch: 1, loss: 1)
        #expect(state() == ["b training_started 2", "a training_progress 3"])
        try await publisher.progress("a", 0.6, epoch: 2, loss: 1)
        try await publisher.completed("b")
        #expect(state() == ["a training_progress 4"])
        try await publisher.failed("a", "It broke.")
        #expect(state() == [])
    }

    @Test func `a topic of one's own can be had`() async throws {
        let publisher = TrainingPublisher(hub, topic: "training/moons")
        let subscription = try hub.subscribe(SubscriptionRequest(.below("training")))
        let receipt = try await publisher.started("s1")
        var events = subscription.makeAsyncIterator()
        let event = try #require(await events.next())
        #expect(event.topic == "training/moons" && event.type == "training_started")
        #expect(event.position == receipt.position && receipt.targeted == 1)
        #expect(published().isEmpty)
    }

    @Test(arguments: ["", String(repeating: "x", count: 256)])
    func `a session without a usable name is refused`(session: String) async throws {
        let publisher = TrainingPublisher(hub)
        await #expect(throws: PublishError.self) { try await publisher.started(session) }
        await #expect(throws: PublishError.self) { try await publisher.progress(session, 0.5, epoch: 1, loss: 1) }
        #expect(published().isEmpty)
    }

    @Test func `models tell when they came, changed and went`() async throws {
        let publisher = ModelPublisher(hub)
        try await publisher.created("m1", info: { $0.member("size", Double.nan) })
        try await publisher.updated("m1", updates: { $0.member("size", 7) })
        try await publisher.deleted("m1")
        let publications = try #require(hub.heldHistory(of: "models", since: nil, limit: .max)).publications
        let times = publications.map(\.timestamp)
        #expect(
            published("models") == [
                #"model_created {"model_id":"m1","model_info":{"size":null},"created_at":"\#(times[0])"}"#,
                #"model_updated {"model_id":"m1","updates":{"size":7},"updated_at":"\#(times[1])"}"#,
                #"model_deleted {"model_id":"m1","deleted_at":"\#(times[2])"}"#,
            ]
        )
        #expect(times == times.sorted())
    }
}
