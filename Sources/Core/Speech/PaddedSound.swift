import Audio

/// Sound with silence around it, as recognisers need it: words at the very end get lost without it, and a word that
/// stands alone without a moment before it is misheard or written twice.
struct PaddedSound {
    /// Behind all sound. Measured with short, brisk phrases: of 20 whose last word was lost 8, with it 1.
    private static let behind: Duration = .milliseconds(500)
    /// Before short sound; longer sound gains nothing by it.
    private static let before: Duration = .milliseconds(250)
    private static let short: Duration = .seconds(2)

    /// The sound to transcribe.
    let sound: PCM
    private let lead: Double
    private let length: Double

    /// Pads `sound`, which lasts as long as `original` but for the rounding of another rate.
    init(_ sound: PCM, of original: PCM) {
        let lead = sound.duration < Self.short ? Self.before : .zero
        var padded = PCM.silence(lead, sampleRate: sound.sampleRate)
        padded.append(sound)
        padded.append(.silence(Self.behind, sampleRate: sound.sampleRate))
        self.sound = padded
        self.lead = lead.seconds
        length = original.duration.seconds
    }

    /// A transcript of ``sound`` with the times of the sound without silence around it, none of them outside.
    func unpadded(_ transcript: Transcript) -> Transcript {
        var transcript = transcript
        for index in transcript.segments.indices {
            let segment = transcript.segments[index]
            transcript.segments[index].start = min(max(segment.start - lead, 0), length)
            transcript.segments[index].end = min(max(segment.end - lead, 0), length)
        }
        return transcript
    }
}
