internal import Foundation

/// The valid keys in memory, as the last commit left them.
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

    mutating func insert(_ entry: Entry) {
        entries[entry.record.prefix, default: []].append(entry)
    }

    mutating func remove(_ id: APIKeyRecord.ID, prefix: String) {
        entries[prefix]?.removeAll { $0.record.id == id }
        if entries[prefix]?.isEmpty == true { entries[prefix] = nil }
    }

    /// Recognises a key that is presented at `now`; nil if it is none, or a revoked one.
    mutating func verify(_ key: String, at now: Date) -> Match? {
        guard let prefix = APIKeySecret.prefix(of: key), let candidates = entries[prefix],
            let index = candidates.firstIndex(where: { $0.secret.matches(key) })
        else { return nil }
        var record = candidates[index].record
        let isDue = record.lastUsedAt.map { abs(now.timeIntervalSince($0)) >= Self.useInterval } ?? true
        if isDue {
            record.lastUsedAt = now.stored
            entries[prefix]?[index].record = record
        }
        return Match(record: record, isUseToBeStored: isDue)
    }
}
