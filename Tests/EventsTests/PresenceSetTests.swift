import Events
import Testing

@Suite struct PresenceSetTests {
    @Test func `joining and leaving are told once`() {
        var set = PresenceSet()
        let member = Member(id: "1", name: "Ada")
        #expect(set.isEmpty)
        #expect(set.join(member) == .joined(member))
        #expect(set.join(member) == .none)
        #expect(set.contains("1") && set.count == 1)
        #expect(set.leave("1") == .left(member))
        #expect(set.leave("1") == .none)
        #expect(set.isEmpty)
    }

    @Test func `a member that comes again keeps its place and takes its new name`() {
        var set = PresenceSet()
        for id in ["1", "2"] { _ = set.join(Member(id: id)) }
        #expect(set.join(Member(id: "1", name: "Ada")) == .none)
        #expect(set.members() == [Member(id: "1", name: "Ada"), Member(id: "2")])
    }

    @Test func `a list has its limit`() {
        var set = PresenceSet()
        for number in 0..<1500 { _ = set.join(Member(id: "\(number)")) }
        #expect(set.count == 1500)
        #expect(set.members().count == PresenceSet.listLimit)
        #expect(Set(set.members()).count == PresenceSet.listLimit)
        #expect(set.members(limit: 2000).map(\.id) == (0..<1500).map(String.init))
        #expect(set.members(limit: -1).isEmpty)
    }
}
