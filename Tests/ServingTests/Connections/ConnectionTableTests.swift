import TestRandom
import Testing

@testable import Serving

@Suite struct ConnectionTableTests {
    private var table = ConnectionTable(limits: .init(total: 3, perAddress: 2, reserve: 1))

    @Test mutating func `connections are admitted up to the limit, idle or not`() {
        for address in ["a", "b", "c"] {
            let (id, actions) = table.arrived(from: address)
            #expect(actions == [.admit(id, .regular)])
        }
        #expect(table.count == 3)
    }

    @Test mutating func `a further connection takes the place of the one that has been idle for longest`() {
        let ids = ["a", "b", "c"].map { idle($0) }
        table.rested(busy(ids[0]))
        // The first has been idle for less long than the others now.
        let (newcomer, actions) = table.arrived(from: "d")
        #expect(actions == [.closeIfIdle(ids[1])])
        #expect(table.left(ids[1]) == [.admit(newcomer, .regular)])
        #expect(table.count == 3)
    }

    @Test mutating func `a connection on which bytes have come is never given up`() {
        for address in ["a", "b", "c"] { _ = busy(idle(address)) }
        let (probe, actions) = table.arrived(from: "d")
        #expect(actions == [.admit(probe, .reserve)])
        _ = busy(probe)
        #expect(table.isFull)
        let (late, refusal) = table.arrived(from: "e")
        #expect(refusal == [.refuse(late)])
    }

    @Test mutating func `bytes that come after all keep the place, and the newcomer looks for another`() {
        let ids = ["a", "b", "c"].map { idle($0) }
        let (newcomer, actions) = table.arrived(from: "d")
        #expect(actions == [.closeIfIdle(ids[0])])
        #expect(table.began(ids[0]) == [.closeIfIdle(ids[1])])
        #expect(table.left(ids[1]) == [.admit(newcomer, .regular)])
        // Nor was anything counted twice.
        table.rested(newcomer)
        _ = table.left(newcomer)
        let (next, admission) = table.arrived(from: "e")
        #expect(admission == [.admit(next, .regular)])
    }

    @Test mutating func `an address with as many as it may gives up its own longest idle one`() {
        let other = idle("a")
        let own = [idle("b"), idle("b")]
        let (newcomer, actions) = table.arrived(from: "b")
        #expect(actions == [.closeIfIdle(own[0])])
        #expect(table.left(own[0]) == [.admit(newcomer, .regular)])
        _ = other
    }

    @Test mutating func `an address whose connections are all busy gets a place in reserve, though there are others`() {
        for _ in 1...2 { _ = busy(idle("b")) }
        let (probe, actions) = table.arrived(from: "b")
        #expect(actions == [.admit(probe, .reserve)])
        let (other, admission) = table.arrived(from: "a")
        #expect(admission == [.admit(other, .regular)])
    }

    @Test mutating func `an address has a connection that is to leave until it is gone, for it may stay`() {
        let own = [idle("a"), busy(idle("a"))]
        _ = busy(idle("b"))
        let (other, eviction) = table.arrived(from: "c")
        #expect(eviction == [.closeIfIdle(own[0])])
        // Otherwise there were three of this address if bytes came on the first now.
        let (probe, actions) = table.arrived(from: "a")
        #expect(actions == [.admit(probe, .reserve)])
        #expect(table.began(own[0]) == [.refuse(other)])
    }

    @Test mutating func `an idle connection in reserve makes room for the next probe`() {
        for address in ["a", "b", "c"] { _ = busy(idle(address)) }
        let first = idle("d")
        #expect(!table.isFull)
        let (second, actions) = table.arrived(from: "e")
        #expect(actions == [.closeIfIdle(first)])
        #expect(table.left(first) == [.admit(second, .reserve)])
    }

    @Test mutating func `addresses that are not counted have the total limit only`() {
        for _ in 1...3 {
            let (id, actions) = table.arrived(from: nil)
            #expect(actions == [.admit(id, .regular)])
        }
    }

    @Test mutating func `a connection that is being set up is not idle yet`() {
        for address in ["a", "b", "c"] { _ = table.arrived(from: address) }
        let (id, actions) = table.arrived(from: "d")
        #expect(actions == [.admit(id, .reserve)])
    }

    @Test mutating func `a newcomer that goes away while it waits leaves everything as it was`() {
        let ids = ["a", "b", "c"].map { idle($0) }
        let (newcomer, _) = table.arrived(from: "d")
        #expect(table.left(newcomer) == [])
        let (next, actions) = table.arrived(from: "e")
        #expect(actions == [.closeIfIdle(ids[1])])
        #expect(table.left(ids[0]) == [])
        #expect(table.left(ids[1]) == [.admit(next, .regular)])
        #expect(table.count == 2)
    }

    /// Whatever happens, no limit is passed, nobody with bytes is given up, and everybody who waits hears of it.
    @Test(arguments: 0..<20) func `no limit is ever passed`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = ConnectionTable.Limits(total: 5, perAddress: 3, reserve: 2)
        var table = ConnectionTable(limits: limits)
        var admitted: [Int: (address: String?, role: ConnectionTable.Role, isBusy: Bool)] = [:]
        var waiting: [Int: String?] = [:]
        var leaving: Set<Int> = []

        func carryOut(_ actions: [ConnectionTable.Action]) {
            for action in actions {
                switch action {
                case .admit(let id, let role):
                    guard let address = waiting.removeValue(forKey: id) else {
                        Issue.record("\(id) did not wait")
                        continue
                    }
                    admitted[id] = (address, role, true)
                case .refuse(let id): #expect(waiting.removeValue(forKey: id) != nil)
                case .closeIfIdle(let id):
                    #expect(admitted[id]?.isBusy == false)
                    leaving.insert(id)
                }
            }
        }

        for _ in 0..<2000 {
            let ids = admitted.keys.sorted()
            let id = ids.randomElement(using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let address = ["a", "b", nil].randomElement(using: &random) ?? nil
                let (id, actions) = table.arrived(from: address)
                waiting[id] = .some(address)
                carryOut(actions)
            case 2:
                guard let id, admitted[id]?.isBusy == true else { continue }
                admitted[id]?.isBusy = false
                table.rested(id)
            case 3:
                guard let id else { continue }
                admitted[id]?.isBusy = true
                leaving.remove(id)
                carryOut(table.began(id))
            case 4:
                guard let id else { continue }
                admitted[id] = nil
                leaving.remove(id)
                carryOut(table.left(id))
            default:
                guard let id = leaving.sorted().first else { continue }
                leaving.remove(id)
                admitted[id] = nil
                carryOut(table.left(id))
            }
            let regular = admitted.values.filter { $0.role == .regular }
            #expect(regular.count <= limits.total)
            #expect(admitted.count - regular.count <= limits.reserve)
            for address in ["a", "b"] { #expect(regular.count { $0.address == address } <= limits.perAddress) }
            #expect(waiting.count <= leaving.count)
            #expect(table.count == admitted.count + waiting.count)
        }
        for id in admitted.keys.sorted() {
            admitted[id] = nil
            carryOut(table.left(id))
        }
        #expect(waiting.isEmpty)
    }

    private mutating func idle(_ address: String) -> Int {
        let (id, actions) = table.arrived(from: address)
        #expect(actions.count == 1)
        table.rested(id)
        return id
    }

    private mutating func busy(_ id: Int) -> Int {
        #expect(table.began(id) == [])
        return id
    }
}

@Suite struct AgeListTests {
    @Test(arguments: 0..<10) func `the oldest is that of a plain list`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var list = AgeList<Int>()
        var model: [Int] = []
        for number in 0..<500 {
            if Bool.random(using: &random) {
                list.append(number)
                model.append(number)
            } else if let element = model.randomElement(using: &random) {
                list.remove(element)
                model.removeAll { $0 == element }
            } else {
                list.remove(number)
            }
            #expect(list.oldest == model.first)
            #expect(list.isEmpty == model.isEmpty)
        }
    }
}
