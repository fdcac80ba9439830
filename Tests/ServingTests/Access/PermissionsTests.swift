import Events
import Testing

@testable import Serving

@Suite struct PermissionsTests {
    private func patterns(_ texts: String...) throws -> [TopicPattern] { try texts.map { try TopicPattern($0) } }

    @Test(arguments: [
        ("training", true), ("training/run", true), ("training/run/1", true), ("a/b", true),
        ("a", false), ("a/b/c", false), ("trainings", false), ("training2/x", false), ("", false), ("*", false),
        ("training/*", true), ("training/run/*", true), ("a/*", false), ("a/b/*", false), ("*/x", false),
        ("training//x", false), ("training/\u{0}", false), ("/training", false),
    ])
    func `a topic or pattern is allowed if a pattern covers all of it`(topic: String, isAllowed: Bool) throws {
        let permissions = Permissions(subscribe: try patterns("training", "training/*", "a/b"))
        #expect(permissions.allows(.subscribe, topic: topic) == isAllowed)
        #expect(!permissions.allows(.publish, topic: topic))
        #expect(!permissions.allows(.presence, topic: topic))
    }

    @Test func `everything is everything and nothing is nothing`() throws {
        for action in TopicAction.allCases {
            for topic in ["a", "a/b", "a/*", "*"] {
                #expect(Permissions.everything.allows(action, topic: topic))
                #expect(!Permissions.nothing.allows(action, topic: topic))
            }
            #expect(Permissions.everything.allows(action, try TopicName("a/b")))
        }
    }

    @Test func `names that look alike are not the same topic`() throws {
        // One é, composed and decomposed.
        let permissions = Permissions(publish: try patterns("caf\u{E9}"))
        #expect(permissions.allows(.publish, topic: "caf\u{E9}"))
        #expect(!permissions.allows(.publish, topic: "cafe\u{301}"))
    }

    @Test func `a restriction allows what both allow and never more`() throws {
        let sets = try [
            patterns(), patterns("*"), patterns("a/*"), patterns("a/b/*", "c"), patterns("a/b", "a/b/c", "c/*"),
            patterns("c", "*"), patterns("d"),
        ]
        let topics = ["a", "a/b", "a/b/c", "a/x", "c", "c/d", "d", "e"]
        for left in sets {
            for right in sets {
                let one = Permissions(publish: left, presence: right)
                let other = Permissions(publish: right, presence: left)
                let both = one.restricted(to: other)
                for topic in topics + topics.map({ $0 + "/*" }) + ["*"] {
                    for action in TopicAction.allCases {
                        let expected = one.allows(action, topic: topic) && other.allows(action, topic: topic)
                        #expect(both.allows(action, topic: topic) == expected, "\(one) \(other) \(topic)")
                    }
                }
            }
        }
    }
}

extension Permissions {
    /// Whether `action` is allowed with a topic or a pattern; false if it is neither.
    fileprivate func allows(_ action: TopicAction, topic: String) -> Bool {
        (try? TopicPattern(topic)).map { allows(action, $0) } ?? false
    }
}
