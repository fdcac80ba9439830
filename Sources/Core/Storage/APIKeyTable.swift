internal import Foundation

/// The keys in memory that were not revoked, as the last commit left them.
struct APIKeyTable: Sendable {
    struct Entry: Sendable {
        var record: APIKeyRecord
        var secret: APIKeySecret
    }

    /// A key that was recognised, and whether its use is to be written down.
    struct Match: Sendable {
        var record: APIKeyRecord
        var isUseToBeStored: Bool
    }

    /// How old the last use that is written down may become.
    static let useInterval: TimeInterval = 60

    /// By prefix; two keys share one only by chance.
    private var entries: [String: [Entry]] = [:]
    private var prefixes: [APIKeyRecord.ID: String] = [:]

    mutating func insert(_ entry: Entry) {
        // One that is here stays: its time of use may be newer than the stored one.
        guard prefixes.updateValue(entry.record.prefix, forKey: entry.record.id) == nil else { return }
        entries[entry.record.prefix, default: []].append(entry)
    }

    /// Removes a key; whether it was there.
    @discardableResult
    mutating func remove(_ id: APIKeyRecord.ID) -> Bool {
        guard let prefix = prefixes.removeValue(forKey: id) else { return false }
        entries[prefix]?.removeAll { $0.record.id == id }
        if entries[prefix]?.isEmpty == true { entries[prefix] = nil }
        return true
    }

    /// Takes over what the database holds now, and returns the keys that are no longer there.
    mutating func replace(with current: [Entry]) -> [APIKeyRecord.ID] {
        let kept = Set(current.map(\.record.id))
        let gone = prefixes.keys.filter { !kept.contains($0) }
        for id in gone { remove(id) }
        for entry in current { insert(entry) }
        return gone
    }

    /// Recognises a key that is presented at `now`; nil if it is none, or one that was revoked or has expired.
    mutating func verify(_ key: String, at now: Date) -> Match? {
        guard let prefix = APIKeySecret.prefix(of: key), let candidates = entries[prefix],
            let index = candidates.firstIndex(where: { $0.secret.matches(key) }),
            candidates[index].record.isValid(at: now)
        else { return nil }
        var record = candidates[index].record
        let isDue = record.lastUsedAt.map { abs(now.timeIntervalSince($0)) >= Self.useInterval } ?? true
        if isDue {
            record.lastUsedAt = now.stored
            entries[prefix]?[index].record = record
        }
        return Match(record: record, isUseToBeStored: isDue)
    }

    /// The record of a key that is valid at `now`.
    func record(_ id: APIKeyRecord.ID, at now: Date) -> APIKeyRecord? {
        guard let prefix = prefixes[id], let entry = entries[prefix]?.first(where: { $0.record.id == id }),
            entry.record.isValid(at: now)
        else { return nil }
        return entry.record
    }
}
