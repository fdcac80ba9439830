/// Who is present on one topic.
public struct PresenceSet: Sendable {
    /// The most members of one list.
    public static let listLimit = 1000

    private struct Entry: Sendable {
        var member: Member
        let order: UInt64
    }

    private var entries: [String: Entry] = [:]
    private var joins: UInt64 = 0

    /// Nobody.
    public init() {}

    /// How many members there are.
    public var count: Int { entries.count }

    /// Whether nobody is present.
    public var isEmpty: Bool { entries.isEmpty }

    /// Whether this connection is a member.
    public func contains(_ id: String) -> Bool { entries[id] != nil }

    /// Takes in a member. One with the same identifier is replaced without notice to others.
    public mutating func join(_ member: Member) -> PresenceChange {
        if let present = entries[member.id] {
            entries[member.id] = Entry(member: member, order: present.order)
            return .none
        }
        joins += 1
        entries[member.id] = Entry(member: member, order: joins)
        return .joined(member)
    }

    /// Lets a connection go; nothing happens when it is no member.
    public mutating func leave(_ id: String) -> PresenceChange {
        entries.removeValue(forKey: id).map { .left($0.member) } ?? .none
    }

    /// The members in the order of their coming. When there are more than `limit`, which of them is not defined.
    public func members(limit: Int = Self.listLimit) -> [Member] {
        entries.values.prefix(max(0, limit)).sorted { $0.order < $1.order }.map(\.member)
    }
}
