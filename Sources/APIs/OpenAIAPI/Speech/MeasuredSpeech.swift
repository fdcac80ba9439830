import Audio
import Speech

/// Speech whose length is measured as it is read.
actor MeasuredSpeech {
    private var iterator: SpeechAudio.Iterator?
    /// How much has been read.
    private(set) var duration: Duration = .zero

    init(_ speech: SpeechAudio) {
        iterator = speech.makeAsyncIterator()
    }

    /// The speech; to be read once.
    nonisolated var audio: SpeechAudio {
        SpeechAudio { try await self.next() }
    }

    private func next() async throws -> PCM? {
        guard var iterator else { return nil }
        self.iterator = nil
        let piece = try await iterator.next()
        self.iterator = iterator
        duration += piece?.duration ?? .zero
        return piece
    }
}
