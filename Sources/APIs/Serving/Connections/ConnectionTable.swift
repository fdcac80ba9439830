/// Which HTTP connections there are, and which of them must go when there are too many.
///
/// A connection that finds no place gets that of the one that has been idle for longest: of its own address, if that has
/// as many as it may, else of all. One on which bytes of a request have come in is never given up. When nobody is idle,
/// newcomers get one of a few places in reserve, on which only probes are served.
///
/// Time counts by order: who became idle first has been idle for longest.
struct ConnectionTable {
    typealias ID = Int

    /// What a connection is admitted to.
    enum Role: Equatable, Sendable {
        /// Everything.
        case regular
        /// Probes only; every other request is refused.
        case reserve
    }

    /// How many connections there may be.
    struct Limits: Equatable, Sendable {
        /// The most that are served in full.
        var total: Int
        /// The most of them from one address.
        var perAddress: Int
        /// The places for probes when there is no other.
        var reserve: Int
    }

    /// What is to be done about a connection.
    enum Action: Equatable {
        /// It is let in.
        case admit(ID, Role)
        /// There is no place for it.
        case refuse(ID)
        /// It is to be closed if it is still idle; ``left(_:)`` or ``began(_:)`` tells what became of it.
        case closeIfIdle(ID)
    }

    private enum State {
        /// Waits for the end of another, whose place it gets.
        case waiting(for: ID)
        /// No bytes of a request have come.
        case idle
        /// It is being set up, or a request has begun and is not answered.
        case busy
        /// Is to be closed for another, which waits for its place.
        case leaving(for: ID)
    }

    private struct Entry {
        /// Nil where connections of the address are not counted.
        let address: String?
        var role = Role.regular
        var state: State
        /// Whether it counts for its address. Who leaves does until it is gone, for it may stay after all.
        var isCounted = false
    }

    private let limits: Limits
    private var entries: [ID: Entry] = [:]
    private var nextID: ID = 0
    /// The places that are taken, by role: who leaves has its place until it is gone, and then the one that waits for it.
    private var regularCount = 0
    private var reserveCount = 0
    private var countByAddress: [String: Int] = [:]
    /// The idle connections that may be given up.
    private var idle = AgeList<ID>()
    private var idleReserve = AgeList<ID>()
    private var idleByAddress: [String: AgeList<ID>] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    /// The connections there are, with those that wait for a place.
    var count: Int { entries.count }

    /// Whether the next connection would be refused, as far as is known.
    var isFull: Bool {
        regularCount >= limits.total && idle.isEmpty && reserveCount >= limits.reserve && idleReserve.isEmpty
    }

    /// A connection came from an address; nil for one whose connections are not counted, such as a proxy that is known.
    /// Until it is admitted nothing is read from it, and it counts as idle from its first call of ``rested(_:)`` on.
    mutating func arrived(from address: String?) -> (id: ID, actions: [Action]) {
        let id = nextID
        nextID += 1
        return (id, place(id, from: address))
    }

    /// Bytes of a request came on a connection.
    mutating func began(_ id: ID) -> [Action] {
        guard let entry = entries[id] else { return [] }
        switch entry.state {
        case .waiting, .busy: return []
        case .idle:
            takeOffIdle(id, entry)
            entries[id]?.state = .busy
            return []
        case .leaving(let newcomer):
            // It stays. The newcomer is without a place again, and has to look for another.
            entries[id]?.state = .busy
            guard let waiting = entries.removeValue(forKey: newcomer) else { return [] }
            uncount(waiting)
            return place(newcomer, from: waiting.address)
        }
    }

    /// A connection is set up or all its requests are answered, and no bytes of another have come.
    mutating func rested(_ id: ID) {
        guard let entry = entries[id], case .busy = entry.state else { return }
        entries[id]?.state = .idle
        putOnIdle(id, entry)
    }

    /// A connection is gone.
    mutating func left(_ id: ID) -> [Action] {
        guard let entry = entries.removeValue(forKey: id) else { return [] }
        switch entry.state {
        case .waiting(let victim):
            uncount(entry)
            // The one that was to make room may as well stay, unless it goes all the same.
            guard let stays = entries[victim] else { return [] }
            entries[victim]?.state = .idle
            putOnIdle(victim, stays)
            return []
        case .idle:
            takeOffIdle(id, entry)
            giveBack(entry)
            return []
        case .busy:
            giveBack(entry)
            return []
        case .leaving(let newcomer):
            uncount(entry)
            guard let waiting = entries[newcomer] else { return [] }
            return [admit(newcomer, waiting)]
        }
    }

    /// Looks for a place for a connection that has none.
    private mutating func place(_ id: ID, from address: String?) -> [Action] {
        var entry = Entry(address: address, state: .busy)
        if let address, countByAddress[address, default: 0] >= limits.perAddress {
            if let victim = idleByAddress[address]?.oldest { return replace(victim, by: id, entry) }
        } else if regularCount < limits.total {
            return [takePlace(id, entry)]
        } else if let victim = idle.oldest {
            return replace(victim, by: id, entry)
        }
        entry.role = .reserve
        if reserveCount < limits.reserve { return [takePlace(id, entry)] }
        if let victim = idleReserve.oldest { return replace(victim, by: id, entry) }
        return [.refuse(id)]
    }

    private mutating func takePlace(_ id: ID, _ entry: Entry) -> Action {
        if entry.role == .regular { regularCount += 1 } else { reserveCount += 1 }
        return admit(id, entry)
    }

    private mutating func giveBack(_ entry: Entry) {
        if entry.role == .regular { regularCount -= 1 } else { reserveCount -= 1 }
        uncount(entry)
    }

    private mutating func admit(_ id: ID, _ entry: Entry) -> Action {
        var entry = entry
        entry.state = .busy
        count(&entry)
        entries[id] = entry
        return .admit(id, entry.role)
    }

    private mutating func replace(_ victim: ID, by id: ID, _ entry: Entry) -> [Action] {
        guard let leaving = entries[victim] else { return [.refuse(id)] }
        takeOffIdle(victim, leaving)
        entries[victim]?.state = .leaving(for: id)
        var entry = entry
        entry.state = .waiting(for: victim)
        // Of one address there is always one of the two.
        if entry.address != leaving.address { count(&entry) }
        entries[id] = entry
        return [.closeIfIdle(victim)]
    }

    private mutating func count(_ entry: inout Entry) {
        guard entry.role == .regular, !entry.isCounted, let address = entry.address else { return }
        entry.isCounted = true
        countByAddress[address, default: 0] += 1
    }

    private mutating func uncount(_ entry: Entry) {
        guard entry.isCounted, let address = entry.address else { return }
        let count = countByAddress[address, default: 1] - 1
        countByAddress[address] = count == 0 ? nil : count
    }

    private mutating func putOnIdle(_ id: ID, _ entry: Entry) {
        guard entry.role == .regular else { return idleReserve.append(id) }
        idle.append(id)
        if let address = entry.address { idleByAddress[address, default: AgeList()].append(id) }
    }

    private mutating func takeOffIdle(_ id: ID, _ entry: Entry) {
        guard entry.role == .regular else { return idleReserve.remove(id) }
        idle.remove(id)
        guard let address = entry.address else { return }
        idleByAddress[address]?.remove(id)
        if idleByAddress[address]?.isEmpty == true { idleByAddress[address] = nil }
    }
}
