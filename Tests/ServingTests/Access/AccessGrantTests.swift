import Events
import Testing

@testable import Serving

@Suite struct AccessGrantTests {
    private func topics(_ publish: String...) throws -> Permissions {
        Permissions(publish: try publish.map { try TopicPattern($0) })
    }

    @Test func `a key without a word may everything, as it did before there were scopes`() {
        #expect(AccessGrant(stored: []) == .everything)
        #expect(AccessGrant.everything.scopes == Set(AccessScope.allCases))
        #expect(AccessGrant.everything.topics == .everything)
    }

    @Test func `a key with topics and without scopes is for events only, and for those topics`() throws {
        let grant = AccessGrant(stored: ["publish:a/*", "subscribe:b:c"])
        #expect(grant.scopes == [.events])
        #expect(grant.topics.publish == [try TopicPattern("a/*")])
        #expect(grant.topics.subscribe == [try TopicPattern("b:c")])
        #expect(grant.topics.presence == [])
    }

    @Test(arguments: AccessScope.allCases) func `a scope allows itself and nothing else`(scope: AccessScope) {
        let grant = AccessGrant(stored: [scope.rawValue])
        #expect(grant.scopes == [scope])
        #expect(grant.topics == (scope == .events ? .everything : .nothing))
    }

    @Test func `scopes and topics together allow both`() throws {
        let grant = AccessGrant(stored: ["speech", "publish:a"])
        #expect(grant == AccessGrant([.speech, .events], topics: try topics("a")))
        #expect(AccessGrant(stored: ["events", "publish:a"]) == AccessGrant([.events], topics: try topics("a")))
    }

    @Test(arguments: ["", "Speech", "everything", "speech ", "publish", "read:a", "events:read", ":"])
    func `a word that is not known allows nothing, and never everything`(word: String) {
        #expect(AccessGrant(stored: [word]) == .nothing)
        #expect(AccessGrant(stored: [word, "chat"]) == AccessGrant([.chat]))
    }

    @Test(arguments: ["publish:", "publish:a/*/b", "subscribe:a//b"])
    func `a topic that cannot be read limits all the same`(word: String) {
        #expect(AccessGrant(stored: [word]).topics == .nothing)
        #expect(AccessGrant(stored: ["events", word]).topics == .nothing)
    }

    @Test func `a new key is for all but administration`() {
        #expect(AccessGrant.usual.words == ["speech", "chat", "events", "metrics", "configuration"])
        #expect(AccessGrant.usual.topics == .everything)
    }

    @Test func `topics mean nothing without events`() {
        #expect(AccessGrant([.speech], topics: .everything).topics == .nothing)
        #expect(AccessGrant([], topics: .everything) == .nothing)
    }

    @Test func `the same grant is made again from its words`() throws {
        let grants = [
            .everything, .usual, .nothing, AccessGrant([.speech, .chat]), AccessGrant([.events]),
            AccessGrant([.events], topics: .nothing), AccessGrant([.metrics, .events], topics: try topics("a/*", "b")),
            AccessGrant([.events], topics: Permissions(subscribe: [.all], presence: [try TopicPattern("c/*")])),
        ]
        for grant in grants {
            #expect(!grant.words.isEmpty)
            #expect(AccessGrant(stored: grant.words) == grant, "\(grant.words)")
        }
    }
}
