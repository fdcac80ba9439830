import Audio
import Speech

extension SpeechAudio {
    /// The speech of all `parts`, one after the other, each begun when the one before it has ended; without long
    /// silences if `trimmed`.
    init(joining parts: [@Sendable () -> SpeechAudio], trimmed: Bool) {
        let chain = SpeechChain(parts, trimmed: trimmed)
        self.init { try await chain.next() }
    }
}

/// Speech made of other speech, read by one task at a time.
private actor SpeechChain {
    private var waiting: ArraySlice<@Sendable () -> SpeechAudio>
    private var current: SpeechAudio.Iterator?
    private var hasBegun = false
    private let isTrimmed: Bool
    private var trimmer: SilenceTrimmer?
    /// To the trimmer's rate, for another engine may take over, with another rate.
    private var converter: RateConverter?

    init(_ parts: [@Sendable () -> SpeechAudio], trimmed: Bool) {
        waiting = parts[...]
        isTrimmed = trimmed
    }

    func next() async throws -> PCM? {
        guard isTrimmed else { return try await piece() }
        while let piece = try await piece() {
            let heard = try trim(piece)
            if !heard.isEmpty { return heard }
        }
        guard var trimmer else { return nil }
        self.trimmer = nil
        let rest = trimmer.process(converter?.finish() ?? []) + trimmer.finish()
        return rest.isEmpty ? nil : PCM(rest, sampleRate: trimmer.sampleRate)
    }

    private func piece() async throws -> PCM? {
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

    private func trim(_ piece: PCM) throws -> PCM {
        var trimmer = self.trimmer ?? SilenceTrimmer(sampleRate: piece.sampleRate)
        let converter = self.converter ?? RateConverter(to: trimmer.sampleRate, quality: .high)
        self.converter = converter
        let heard = trimmer.process(try converter.process(piece))
        self.trimmer = trimmer
        return PCM(heard, sampleRate: trimmer.sampleRate)
    }
}
