import Audio
import Testing

@testable import Speech

@Suite struct ClosingPauseTests {
    /// Sound for a tenth of a second, then silence.
    private func sound(silence: Int) -> PCM {
        PCM([Float](repeating: 0.5, count: 100) + [Float](repeating: 0.001, count: silence), sampleRate: 1000)
    }

    @Test(arguments: [
        ("Yes.", 1.0, 350), ("Really?!", 1, 350), ("\"Yes.\"", 1, 350), ("好。", 1, 350), ("Well,", 1, 250),
        ("Yes. ", 1, 350),
        ("cut off", 1, 100), ("", 1, 100), ("Yes.", 2, 225), ("Yes.", 0.5, 600),
    ])
    func `speech ends with the pause of its last mark`(text: String, speed: Double, length: Int) {
        #expect(sound(silence: 0).withClosingPause(after: text, speed: speed).samples.count == length)
    }

    @Test func `silence that the engine made counts`() {
        #expect(sound(silence: 100).withClosingPause(after: "Yes.", speed: 1).samples.count == 350)
        #expect(sound(silence: 400).withClosingPause(after: "Yes.", speed: 1).samples.count == 500)
    }

    @Test func `silence alone is not made longer than needed`() {
        let nothing = PCM([Float](repeating: 0, count: 300), sampleRate: 1000)
        #expect(nothing.withClosingPause(after: "Yes.", speed: 1).samples.count == 300)
    }
}
