/// What a node has of one topic of the cluster: keeps publications in order, notices what is missing, and recognises what
/// was delivered already.
struct TopicCursor {
    enum Action: Equatable {
        /// The subscribers get it; `origin` is nil when it is numbered by this node alone.
        case deliver(Publication, epoch: String, origin: Origin?)
        /// The subscribers have it already.
        case absorb(Publication, epoch: String, origin: Origin)
        /// They do not get it: they have it, or it is given up.
        case skip(Origin)
        /// Its epoch is gone; if Redis has lost it, its publisher sends it again.
        case giveUp(Origin)
        case restart(ClusterContent)
        /// Redis is to be asked for the topic's content after `since`, see ``fetched(_:)``.
        case fetch
    }

    /// What Redis holds of a topic, or a page of that.
    struct Content: Equatable {
        let position: Position
        /// Whether the history holds everything after the asked position.
        var isComplete: Bool
        var history: [ClusterPublication]
        let state: [Publication]
        /// Whether Redis holds more before the first publication that was asked for.
        var hasMore = false
    }

    /// What Redis is asked for.
    struct Fetch: Equatable {
        /// The position after which the content is needed; nil for all of it.
        let since: Position?
        /// The last offset that is needed; nil for the end.
        let last: UInt64?
    }

    /// What a page of content led to.
    enum Collected: Equatable {
        /// Another page is needed.
        case more
        /// The content is here.
        case whole(Content?)
    }

    private enum Knowledge: Equatable {
        /// Nothing was asked yet.
        case nothing
        /// There was nothing in Redis when it was asked.
        case empty
        /// Everything up to this position is here.
        case upTo(Position)
    }

    private struct Arrival {
        let item: ClusterPublication
        let epoch: String
        /// Whether it has been waiting for more than one answer.
        var isOld = false
    }

    /// The most publications that wait while a gap is filled. Beyond it they are fetched as well.
    static let maximumWaiting = 1_000
    /// The most bytes of them.
    static let maximumWaitingBytes = 4 << 20
    private static let maximumOrigins = 64

    private var known = Knowledge.nothing
    /// Where the topic stands while it is numbered by this node alone.
    private var local: Position?
    /// The last publication of each node that was delivered.
    private var seen: [String: UInt64] = [:]
    private var isFetching = false
    private var waiting: [Arrival] = []
    private var waitingBytes = 0
    /// The newest page of a content of which others follow, and these, the newest first.
    private var begun: (content: Content, older: [[ClusterPublication]])?

    /// Whether the topic's content has been asked for at least once, and nothing is being asked for.
    var isLoaded: Bool { known != .nothing && !isFetching }

    /// After which position the content is needed; nil for all of it, which a topic needs that was numbered here.
    var since: Position? { local == nil ? knownPosition : nil }

    /// What to ask of Redis next.
    var next: Fetch {
        guard let begun else { return Fetch(since: since, last: nil) }
        let first = (begun.older.last ?? begun.content.history).first?.publication.offset ?? 1
        // Of another epoch than the asked one everything is needed.
        let isComplete = begun.content.isComplete
        return Fetch(
            since: isComplete ? since : Position(epoch: begun.content.position.epoch, offset: 0),
            last: first - 1
        )
    }

    private var knownPosition: Position? {
        guard case .upTo(let position) = known else { return nil }
        return position
    }

    // MARK: Inputs

    /// A publication came over the channel.
    mutating func received(_ item: ClusterPublication, epoch: String) -> [Action] {
        if isFetching {
            // Too many are given up: what is missing then is found to be missing, and fetched.
            var skipped: [Action] = []
            if waiting.count >= Self.maximumWaiting || waitingBytes >= Self.maximumWaitingBytes {
                skipped = waiting.map { .skip($0.item.origin) }
                waiting.removeAll()
                waitingBytes = 0
            }
            wait(Arrival(item: item, epoch: epoch))
            return skipped
        }
        if local == nil {
            let offset = item.publication.offset
            if let position = knownPosition, position.epoch == epoch {
                if offset <= position.offset { return [.skip(item.origin)] }
                if offset == position.offset + 1 { return [take(item, epoch: epoch)] }
            } else if offset == 1 {
                let start = Position(epoch: epoch, offset: 0)
                return [.restart(ClusterContent(position: start, history: [], state: [])), take(item, epoch: epoch)]
            }
        }
        wait(Arrival(item: item, epoch: epoch))
        return fetch()
    }

    private mutating func wait(_ arrival: Arrival) {
        waiting.append(arrival)
        waitingBytes += arrival.item.publication.size
    }

    /// Asks for what may be missing, unless it is being asked for.
    mutating func fetch() -> [Action] {
        guard !isFetching else { return [] }
        isFetching = true
        return [.fetch]
    }

    /// Redis is away; what was asked for does not come. What waits is kept.
    mutating func disconnected() {
        isFetching = false
        begun = nil
    }

    /// Redis told of a page of what it holds; nil when it does not know the topic. The pages come from the newest to the
    /// oldest. What Redis has let go of between two of them is not part of the content.
    mutating func collect(_ page: Content?) -> Collected {
        guard isFetching else { return .whole(page) }
        guard var (content, older) = begun else {
            guard let page, page.hasMore else { return .whole(page) }
            begun = (page, [])
            return .more
        }
        guard let page, page.position.epoch == content.position.epoch else {
            // Redis has lost it meanwhile: everything is asked for anew.
            begun = nil
            return .more
        }
        let first = (older.last ?? content.history).first?.publication.offset ?? 1
        let follows = page.history.last?.publication.offset == first - 1
        if follows { older.append(page.history) }
        guard !follows || !page.hasMore else {
            begun = (content, older)
            return .more
        }
        begun = nil
        content.isComplete = content.isComplete && follows && page.isComplete
        content.history = older.reversed().flatMap { $0 } + content.history
        content.hasMore = false
        return .whole(content)
    }

    /// Redis told what it holds; nil when it does not know the topic.
    mutating func fetched(_ content: Content?) -> [Action] {
        guard isFetching else { return [] }
        isFetching = false
        let arrivals = waiting
        waiting = []
        waitingBytes = 0
        var actions: [Action] = []
        if let content {
            actions = load(content, arrivals.filter { $0.epoch == content.position.epoch }.map(\.item))
        } else {
            known = .empty
        }
        for arrival in arrivals {
            if arrival.epoch == content?.position.epoch {
                actions += received(arrival.item, epoch: arrival.epoch)
            } else if !arrival.isOld {
                // Either it is of an epoch that began after the answer, or of one that ended before: the next answer
                // will tell. Redis lost what is of an ended one; its publisher sends it again.
                wait(Arrival(item: arrival.item, epoch: arrival.epoch, isOld: true))
                actions += fetch()
            } else {
                actions.append(.giveUp(arrival.item.origin))
            }
        }
        return actions
    }

    /// A draft is published here alone, while Redis is away. Returns its position too.
    mutating func publish(_ draft: Draft, origin: Origin, newEpoch: () -> String) -> (Position, [Action]) {
        var actions: [Action] = []
        var position = local ?? Position(epoch: newEpoch(), offset: 0)
        if local == nil {
            actions.append(.restart(ClusterContent(position: position, history: [], state: nil)))
        }
        position = Position(epoch: position.epoch, offset: position.offset + 1)
        local = position
        remember(origin)
        actions.append(
            .deliver(Publication(offset: position.offset, draft: draft), epoch: position.epoch, origin: nil)
        )
        return (position, actions)
    }

    // MARK: Steps

    /// Goes on with what Redis holds, and with what has arrived of it, for a short history may have let go of that already.
    /// Up to the first publication that the subscribers lack it is loaded in silence.
    private mutating func load(_ content: Content, _ arrived: [ClusterPublication]) -> [Action] {
        let epoch = content.position.epoch
        let needsRestart: Bool
        let firstNew: UInt64
        switch known {
        case .upTo(let position) where position.epoch == epoch:
            needsRestart = local != nil || !content.isComplete
            firstNew = position.offset + 1
        case .upTo, .empty:
            needsRestart = true
            firstNew = 1
        case .nothing:
            needsRestart = true
            // What was published before the node knew the topic is history.
            firstNew = arrived.first?.publication.offset ?? content.position.offset + 1
        }
        local = nil
        let isNew = { [seen] (item: ClusterPublication) in
            item.publication.offset >= firstNew && seen[item.origin.node, default: 0] < item.origin.sequence
        }
        let first = content.history.first?.publication.offset ?? content.position.offset + 1
        var rest = (arrived.filter { $0.publication.offset < first } + content.history)[...]
        var actions: [Action] = []
        if needsRestart {
            let split = rest.firstIndex(where: isNew) ?? rest.endIndex
            let before = rest[..<split].map(\.publication)
            rest = rest[split...]
            let offset = before.last?.offset ?? rest.first.map { $0.publication.offset - 1 } ?? content.position.offset
            let start = Position(epoch: epoch, offset: offset)
            actions.append(.restart(ClusterContent(position: start, history: before, state: content.state)))
            known = .upTo(start)
        }
        var followsArrival = false
        for item in rest {
            let (offset, last) = (item.publication.offset, knownPosition?.offset ?? 0)
            guard offset > last else { continue }
            if offset > last + 1 {
                // What Redis tells all nodes may come later than its answer: what is between is on its way.
                if followsArrival, offset >= first { return actions }
                // What was between is gone.
                let start = Position(epoch: epoch, offset: offset - 1)
                actions.append(.restart(ClusterContent(position: start, history: [], state: content.state)))
            }
            actions.append(take(item, epoch: epoch))
            followsArrival = offset < first
        }
        // What follows an arrival arrives too, if the history does not have it.
        if arrived.isEmpty || !content.history.isEmpty { known = .upTo(content.position) }
        return actions
    }

    /// The next publication in order.
    private mutating func take(_ item: ClusterPublication, epoch: String) -> Action {
        known = .upTo(Position(epoch: epoch, offset: item.publication.offset))
        guard seen[item.origin.node, default: 0] < item.origin.sequence else {
            return .absorb(item.publication, epoch: epoch, origin: item.origin)
        }
        remember(item.origin)
        return .deliver(item.publication, epoch: epoch, origin: item.origin)
    }

    private mutating func remember(_ origin: Origin) {
        if seen[origin.node] == nil, seen.count >= Self.maximumOrigins, let any = seen.keys.first { seen[any] = nil }
        seen[origin.node] = max(seen[origin.node] ?? 0, origin.sequence)
    }
}
