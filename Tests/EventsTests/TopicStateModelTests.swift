import Testing
import TestRandom

@testable import Events

/// A topic against a naive model that keeps everything that was ever published.
@Suite struct TopicStateModelTests {
    private struct Model {
        var all: [(publication: Publication, time: ContinuousClock.Instant)] = []

        func state() -> [String: UInt64] { Self.state(of: all.map(\.publication), from: [:]) }

        static func state(of publications: [Publication], from state: [String: UInt64]) -> [String: UInt64] {
            publications.reduce(into: state) { state, publication in
                guard let key = publication.stateKey else { return }
                state[key] = publication.isRemoval ? nil : publication.offset
            }
        }

        /// What a history of these limits may still hold: the longest tail that keeps all of them.
        func held(by limits: TopicClass, now: ContinuousClock.Instant) -> [Publication] {
            var held: [Publication] = []
            for (publication, time) in all.reversed() {
                let bytes = held.reduce(publication.size) { $0 + $1.size }
                guard held.count < limits.historyCount, bytes <= limits.historyBytes, now - time < limits.historyAge
                else { break }
                held.append(publication)
            }
            return held.reversed()
        }
    }

    @Test(arguments: 0..<40) func `a topic does what the model says`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = TopicClass(
            historyCount: Int.random(in: 0...20, using: &random),
            historyBytes: Int.random(in: 0...6000, using: &random),
            historyAge: .seconds(Int.random(in: 1...30, using: &random)),
            keepsState: true
        )
        var topic = TopicState(name: "t", class: limits, epoch: "e")
        var model = Model()
        var snapshots: [StateSnapshot] = []
        var keys: [String: UInt64] = [:]
        var now = ContinuousClock.now
        for step in 0..<400 {
            now += .milliseconds(Int.random(in: 0...2000, using: &random))
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let stateKey = Bool.random(using: &random) ? "s\(Int.random(in: 0..<6, using: &random))" : nil
                let key =
                    Int.random(in: 0..<4, using: &random) == 0 ? "i\(Int.random(in: 0..<40, using: &random))" : nil
                let removes = stateKey != nil && Int.random(in: 0..<4, using: &random) == 0
                let draft = Draft.sample(step, key: key, stateKey: stateKey, removes: removes)
                switch topic.publish(draft, now: now) {
                case .published(let publication):
                    #expect(publication.offset == UInt64(model.all.count + 1))
                    model.all.append((publication, now))
                    if let key { keys[key] = publication.offset }
                case .duplicate(let position):
                    // An older use of the key may have been forgotten, the last one is the one that counts.
                    #expect(position.offset == key.flatMap { keys[$0] })
                case .stateFull: Issue.record("the state is not full")
                }
            case 6: topic.trim(now: now)
            case 7: snapshots.append(topic.snapshot())
            default: check(topic, model, limits, now: now, &random)
            }
            #expect(topic.historyCount <= limits.historyCount && topic.log.bytes <= limits.historyBytes)
        }
        let final = model.state()
        #expect(Set(topic.snapshot().entries.map(\.offset)) == Set(final.values))
        for snapshot in snapshots {
            let start = Model.state(of: snapshot.entries, from: [:])
            let later = model.all.dropFirst(Int(snapshot.position.offset)).map(\.publication)
            #expect(Model.state(of: later, from: start) == final)
            #expect(snapshot.entries.map(\.offset) == snapshot.entries.map(\.offset).sorted())
        }
    }

    private func check(
        _ topic: TopicState,
        _ model: Model,
        _ limits: TopicClass,
        now: ContinuousClock.Instant,
        _ random: inout SeededGenerator
    ) {
        let since = UInt64.random(in: 0...UInt64(model.all.count + 2), using: &random)
        let recovery = topic.recover(since: Position(epoch: "e", offset: since), limit: .max, now: now)
        let missed = model.all.dropFirst(Int(since)).map(\.publication)
        let held = model.held(by: limits, now: now)
        #expect(recovery.position.offset == UInt64(model.all.count))
        #expect(recovery.publications == held.filter { $0.offset > since })
        #expect(recovery.isComplete == (since <= model.all.count && recovery.publications == missed))
        #expect(topic.recover(since: nil, limit: .max, now: now).publications == held)

        let limit = Int.random(in: 0...5, using: &random)
        let part = topic.recover(since: Position(epoch: "e", offset: since), limit: limit, now: now)
        #expect(part.publications == Array(recovery.publications.prefix(limit)))
        #expect(part.hasMore == (recovery.publications.count > limit))
        let newest = topic.recover(since: nil, limit: limit, now: now)
        #expect(newest.publications == Array(held.suffix(limit)))
    }
}
