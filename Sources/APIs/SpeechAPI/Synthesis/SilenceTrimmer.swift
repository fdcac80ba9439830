import Audio

/// Takes long silences out of speech as it passes: of pauses of 700 ms and more, 300 ms remain, and 50 ms before the
/// first and after the last sound.
///
/// Silent is what stays 40 dB below the loudest sound so far, or below -60 dB of full scale. Only silence is held back,
/// so sound is never late.
struct SilenceTrimmer: Sendable {
    private static let window: Duration = .milliseconds(10)
    private static let silence: (relative: Float, absolute: Float) = (0.01, 0.001)

    /// The rate of the sound, in Hz.
    let sampleRate: Int

    private let windowSize: Int
    private let longestPause: Int
    private let halfPause: Int
    private let margin: Int

    /// Samples that do not fill a window yet.
    private var incoming: [Float] = []
    /// The silence since the last sound, or as much of it as may still be needed.
    private var pause: [Float] = []
    private var isPauseCut = false
    private var hasBegun = false
    private var peak: Float = 0

    /// A trimmer of sound with `sampleRate` samples per second.
    init(sampleRate: Int) {
        self.sampleRate = sampleRate
        windowSize = max(1, Self.window.samples(at: sampleRate))
        longestPause = Duration.milliseconds(700).samples(at: sampleRate)
        halfPause = Duration.milliseconds(150).samples(at: sampleRate)
        margin = Duration.milliseconds(50).samples(at: sampleRate)
    }

    /// Takes more sound and returns what is to be heard of it and of the silence before it.
    mutating func process(_ samples: [Float]) -> [Float] {
        incoming += samples
        var heard: [Float] = []
        var start = 0
        while incoming.count - start >= windowSize {
            take(incoming[start..<start + windowSize], &heard)
            start += windowSize
        }
        incoming.removeFirst(start)
        return heard
    }

    /// Ends the sound and returns the rest of it.
    mutating func finish() -> [Float] {
        var heard: [Float] = []
        take(incoming[...], &heard)
        incoming = []
        if hasBegun { heard += pause.prefix(margin) }
        pause = []
        return heard
    }

    private mutating func take(_ window: ArraySlice<Float>, _ heard: inout [Float]) {
        let loudest = window.reduce(0) { max($0, abs($1)) }
        peak = max(peak, loudest)
        if loudest < max(peak * Self.silence.relative, Self.silence.absolute) {
            extendPause(by: window)
        } else {
            heard += pause
            heard += window
            pause = []
            isPauseCut = false
            hasBegun = true
        }
    }

    private mutating func extendPause(by window: ArraySlice<Float>) {
        pause += window
        if !hasBegun {
            pause = Array(pause.suffix(margin))
        } else if isPauseCut || pause.count >= longestPause {
            // The ends of the pause stay, since breath and the tails of sounds are there.
            isPauseCut = true
            pause = Array(pause.prefix(halfPause) + pause.suffix(halfPause))
        }
    }
}
