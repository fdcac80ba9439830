import Foundation
import Synchronization

/// What was said in spoken answers of late, so that a later request may refer to one by its id.
final class SpokenAnswers: Sendable {
    /// How long an answer is known.
    static let lifetime: TimeInterval = 3600

    private let table = Mutex(SpokenAnswerTable())

    /// Keeps a text; the id of the answer, and when it expires, in seconds since 1970.
    func keep(_ text: String, as id: String) -> Int {
        let now = Date.now.timeIntervalSince1970
        table.withLock { $0.keep(text, as: id, until: now + Self.lifetime, now: now) }
        return Int(now + Self.lifetime)
    }

    /// The text of the answer of this id; nil if it is not known any more.
    func text(of id: String) -> String? {
        table.withLock { $0.text(of: id, now: Date.now.timeIntervalSince1970) }
    }
}

/// Texts by id, the newest that fit into a limited room, each for a limited time.
struct SpokenAnswerTable {
    /// The most bytes of text that are kept.
    static let byteLimit = 4 << 20
    /// The most texts that are kept.
    static let countLimit = 10_000

    private var texts: [String: (text: String, expiry: TimeInterval)] = [:]
    /// The ids, the oldest first; those before `first` are gone.
    private var order: [String] = []
    private var first = 0
    private var bytes = 0

    /// Keeps a text; those that have expired, and the oldest for which there is no room, go.
    mutating func keep(_ text: String, as id: String, until expiry: TimeInterval, now: TimeInterval) {
        texts[id] = (text, expiry)
        order.append(id)
        bytes += text.utf8.count
        while first < order.count, let oldest = texts[order[first]],
            bytes > Self.byteLimit || order.count - first > Self.countLimit || oldest.expiry <= now
        {
            bytes -= oldest.text.utf8.count
            texts[order[first]] = nil
            first += 1
        }
        if first > order.count / 2 {
            order.removeFirst(first)
            first = 0
        }
    }

    /// The text of this id; nil if there is none, or not any more.
    func text(of id: String, now: TimeInterval) -> String? {
        texts[id].flatMap { $0.expiry > now ? $0.text : nil }
    }
}
