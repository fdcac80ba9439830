import Audio
import Speech

extension SpeechAudio {
    /// The speech without long silences.
    func withoutSilences() -> SpeechAudio {
        let reader = TrimmingReader(self)
        return SpeechAudio { try await reader.next() }
    }
}

/// Reads speech and leaves long silences out, for one task at a time.
private actor TrimmingReader {
    private var speech: SpeechAudio.Iterator
    private var trimmer: SilenceTrimmer?
    /// To the trimmer's rate, since an engine promises one rate for a segment only.
    private var converter: RateConverter?

    init(_ speech: SpeechAudio) {
        self.speech = speech.makeAsyncIterator()
    }

    func next() async throws -> PCM? {
        while let piece = try await read() {
            let heard = try trim(piece)
            if !heard.isEmpty { return heard }
        }
        guard var trimmer else { return nil }
        self.trimmer = nil
        let rest = trimmer.process(converter?.finish() ?? []) + trimmer.finish()
        return rest.isEmpty ? nil : PCM(rest, sampleRate: trimmer.sampleRate)
    }

    private func read() async throws -> PCM? {
        var iterator = speech
        defer { speech = iterator }
        return try await iterator.next()
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
