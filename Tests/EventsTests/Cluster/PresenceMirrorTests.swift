import NIOCore
import Testing

@testable import Events

@Suite struct PresenceMirrorTests {
    private let topic = name("t")

    private func member(_ id: String) -> Member { Member(id: id, name: nil, node: "b") }

    private func joined(_ id: String, _ version: UInt64) -> ClusterMessage {
        .joined(member(id), node: "b", topic: topic, version: version)
    }

    private func seats(_ ids: String...) -> [PresenceMirror.Seat: Member] {
        Dictionary(uniqueKeysWithValues: ids.map { (PresenceMirror.Seat(topic: topic, id: $0), member($0)) })
    }

    @Test func `follows changes in order`() {
        var mirror = PresenceMirror(node: "a")
        #expect(mirror.received(joined("x", 1)) == [.change(topic, .joined(member("x")))])
        #expect(mirror.received(joined("x", 1)).isEmpty)
        #expect(
            mirror.received(.left(id: "x", node: "b", topic: topic, version: 2)) == [.change(topic, .left(member("x")))]
        )
        #expect(mirror.received(.left(id: "x", node: "b", topic: topic, version: 3)).isEmpty)
        #expect(mirror.received(.joined(Member(id: "x"), node: "a", topic: topic, version: 9)).isEmpty)
    }

    @Test func `loads a node when a change was missed and again when more came meanwhile`() {
        var mirror = PresenceMirror(node: "a")
        _ = mirror.received(joined("x", 1))
        #expect(mirror.received(joined("z", 3)) == [.load(node: "b")])
        #expect(mirror.received(joined("w", 4)).isEmpty)
        #expect(
            mirror.loaded("b", version: 3, members: seats("y", "z")) == [
                .change(topic, .left(member("x"))), .change(topic, .joined(member("y"))),
                .change(topic, .joined(member("z"))), .load(node: "b"),
            ]
        )
        #expect(mirror.loaded("b", version: 4, members: seats("y", "z", "w")) == [.change(topic, .joined(member("w")))])
        #expect(mirror.received(.left(id: "y", node: "b", topic: topic, version: 5)).count == 1)
    }

    @Test func `members of a node that is gone leave once`() {
        var mirror = PresenceMirror(node: "a")
        _ = mirror.received(joined("x", 1))
        _ = mirror.received(joined("y", 2))
        #expect(
            mirror.received(.gone(node: "b")) == [
                .change(topic, .left(member("x"))), .change(topic, .left(member("y"))),
            ]
        )
        #expect(mirror.received(.gone(node: "b")).isEmpty)
        #expect(mirror.received(.gone(node: "a")) == [.register])
    }

    @Test func `after an outage it compares with what is there`() {
        var mirror = PresenceMirror(node: "a")
        _ = mirror.received(joined("x", 1))
        _ = mirror.received(.joined(Member(id: "q", node: "c"), node: "c", topic: topic, version: 1))
        mirror.disconnected()
        #expect(
            mirror.connected(nodes: ["a", "b"]) == [
                .change(topic, .left(Member(id: "q", node: "c"))), .load(node: "b"),
            ]
        )
        #expect(mirror.loaded("b", version: 1, members: seats("x")).isEmpty)
    }

    @Test func `names are told apart from no name`() {
        for name in [nil, "", "-", "+x", "a\nb"] {
            #expect(ClusterMessage.name(ClusterMessage.written(name)) == name)
        }
    }

    @Test func `strange messages are ignored`() {
        for text in [
            "", "x", "p\n", "p\nE\nt\n", "p\nE\n\nx", "j\nb\nx\nt\nid\n+n", "p\nE\nt\n1\nb 1\n", "l\nb\n1\n*\nid\n",
        ] {
            #expect(ClusterMessage(ByteBuffer(string: text)) == nil, "\(text)")
        }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let noise = (0..<40).map { _ in Array("pjlrd\n1 bE+-".utf8).randomElement(using: &random) ?? 0 }
            _ = ClusterMessage(ByteBuffer(bytes: noise))
        }
    }

    @Test func `a publication is read as it was written`() {
        let original = draft("{\"a\":1}", stateKey: "k", isRemoval: true)
        var bytes = ByteBuffer(string: "p\nE\nsession/1\n42\nnode 7\n")
        bytes.writeImmutableBuffer(ClusterCoding.body(of: original))
        let item = ClusterPublication(
            origin: Origin(node: "node", sequence: 7),
            publication: Publication(offset: 42, draft: original)
        )
        #expect(ClusterMessage(bytes) == .published(item, epoch: "E", topic: name("session/1")))
    }
}
