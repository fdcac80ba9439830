import Audio

extension SpeechAudio {
    /// The speech of all `parts`, one after the other, each begun when the one before it has ended.
    ///
    /// Once there was sound, the rest waits for as long as the engines are busy, so that speech that has begun is not
    /// broken off.
    public init(joining parts: [@Sendable () -> SpeechAudio]) {
        let reader = PartReader(parts)
        self.init { try await reader.next() }
    }
}

/// Reads one speech after another, for one task at a time.
private actor PartReader {
    private var waiting: ArraySlice<@Sendable () -> SpeechAudio>
    private var current: SpeechAudio.Iterator?
    private var hasBegun = false

    init(_ parts: [@Sendable () -> SpeechAudio]) {
        waiting = parts[...]
    }

    func next() async throws -> PCM? {
        while true {
            if var iterator = current {
                let piece = try await iterator.next()
                current = piece == nil ? nil : iterator
                if let piece { return piece }
            }
            try Task.checkCancellation()
            guard let start = waiting.popFirst() else { return nil }
            let piece = try await whenAdmitted(orAtOnce: !hasBegun) {
                var iterator = start().makeAsyncIterator()
                let piece = try await iterator.next()
                current = piece == nil ? nil : iterator
                return piece
            }
            hasBegun = true
            if let piece { return piece }
        }
    }
}
