import NIOCore
import TestWebSocket
import Testing
import WebSocket

@testable import Events

@Suite(.timeLimit(.minutes(5))) struct PresenceTests {
    private let present = SubscriptionRequest.to("a") { $0.wantsPresence = true }

    @Test func `those in a topic hear of others who come and go, and not of themselves`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let (first, second, watcher) = (
                try await server.connect(), try await server.connect(), try await server.connect()
            )
            try await watcher.subscribe(hub, .to("a"))
            try await first.subscribe(hub, present, name: "Ann")
            try await second.subscribe(hub, present, name: "Bob")
            #expect(hub.members(of: "a").map(\.name) == ["Ann", "Bob"])
            let joined = try await first.next()
            #expect(joined.map(\.presence) == ["presence_joined"])
            #expect(joined.map(\.member) == [second.id.description])
            await second.stream.close()
            let left = try await first.next()
            #expect(left.map(\.presence) == ["presence_left"])
            #expect(left.map(\.member) == [second.id.description])
            try await hub.publish(.sample(1), to: "a")
            #expect(try await first.all(hub).map(\.number) == [1])
            // Who did not ask is not told.
            #expect(try await watcher.all(hub).map(\.presence) == [nil])
        }
    }

    @Test func `who subscribes again stays, without a word to the others`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let (first, second) = (try await server.connect(), try await server.connect())
            try await first.subscribe(hub, present)
            try await second.subscribe(hub, present)
            try await second.subscribe(hub, present)
            #expect(hub.members(of: "a").count == 2)
            #expect(try await first.all(hub).map(\.presence) == ["presence_joined"])
            #expect(try await second.all(hub).isEmpty)
            // Once is enough to leave.
            try await second.run { hub.unsubscribe($0, from: .exact("a")) }
            #expect(hub.members(of: "a").map(\.id) == [first.id.description])
            #expect(try await first.all(hub).map(\.presence) == ["presence_left"])
        }
    }

    @Test func `who subscribes again without presence leaves`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let (first, second) = (try await server.connect(), try await server.connect())
            try await first.subscribe(hub, present)
            try await second.subscribe(hub, present)
            try await second.subscribe(hub, .to("a"))
            #expect(hub.members(of: "a").map(\.id) == [first.id.description])
            #expect(try await first.all(hub).map(\.presence) == ["presence_joined", "presence_left"])
            #expect(hub.subscriptionCount == 2)
        }
    }

    @Test func `a refused subscription leaves no member behind`() async throws {
        let hub = EventHub.sample(maximumTopics: 1)
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await client.subscribe(hub, .to("taken"))
            await #expect(throws: TopicError.tooMany(limit: 1)) { try await client.subscribe(hub, present) }
            #expect(hub.members(of: "a").isEmpty)
            #expect(hub.subscriptionCount == 1)
            #expect(try await client.run { $0.subscriptionCount } == 1)
        }
    }

    @Test func `who has left can subscribe to nothing`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await client.run { hub.leave($0) }
            try await client.subscribe(hub, present)
            #expect(hub.members(of: "a").isEmpty)
            #expect(hub.subscriptionCount == 0)
            try await client.run { hub.leave($0) }
            #expect(hub.connectionCount == 0)
        }
    }
}
