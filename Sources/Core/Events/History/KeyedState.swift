/// The newest publication of each state key.
struct KeyedState: Sendable {
    private var entries: [ExactText: Publication] = [:]

    private(set) var bytes = 0

    var count: Int { entries.count }

    /// The limit that a draft would break, nil when there is room for it.
    func limit(met draft: Draft, key: String, limits: TopicClass) -> StateLimit? {
        if draft.isRemoval { return nil }
        let replaced = entries[ExactText(text: key)]
        if replaced == nil, entries.count >= limits.stateEntries { return .entries(limits.stateEntries) }
        let size = Publication(offset: 0, draft: draft).size
        return bytes - (replaced?.size ?? 0) + size > limits.stateBytes ? .bytes(limits.stateBytes) : nil
    }

    /// How much more memory a draft takes than the entry it replaces; 0 when it takes less.
    func growth(with draft: Draft, key: String) -> Int {
        guard !draft.isRemoval else { return 0 }
        return max(0, Publication(offset: 0, draft: draft).size - (entries[ExactText(text: key)]?.size ?? 0))
    }

    mutating func change(_ key: String, to publication: Publication) {
        let key = ExactText(text: key)
        let replaced =
            publication.isRemoval ? entries.removeValue(forKey: key) : entries.updateValue(publication, forKey: key)
        bytes -= replaced?.size ?? 0
        if !publication.isRemoval { bytes += publication.size }
    }

    /// Drops the entries changed longest ago until the limits hold.
    mutating func trim(to limits: TopicClass) {
        while entries.count > limits.stateEntries || bytes > limits.stateBytes,
            let oldest = entries.min(by: { $0.value.offset < $1.value.offset })
        {
            entries[oldest.key] = nil
            bytes -= oldest.value.size
        }
    }

    mutating func removeAll() {
        entries = [:]
        bytes = 0
    }

    /// The entries in order of change.
    func sorted() -> [Publication] {
        entries.values.sorted { $0.offset < $1.offset }
    }
}
