import Testing

@testable import Speech

@Suite struct SilenceTurnDetectorTests {
    private let detector = SilenceTurnDetector()

    @Test(arguments: ["What time is it?", "Stop.", "I like tea", "好。", "Tell me a joke!", "So it goes."])
    func `a finished sentence waits the normal silence`(text: String) {
        #expect(detector.silence(after: text) == .milliseconds(400))
    }

    @Test(arguments: ["I would like to", "Well, because", "One, two,", "I was thinking...", "um", "Tell me about the"])
    func `a sentence that breaks off waits longer`(text: String) {
        #expect(detector.silence(after: text) == .milliseconds(1000))
    }

    @Test func `without a transcript the normal silence counts`() {
        #expect(detector.silence(after: nil) == .milliseconds(400))
        #expect(detector.silence(after: "") == .milliseconds(400))
    }

    @Test func `the text rule can be switched off`() {
        let detector = SilenceTurnDetector(silence: .milliseconds(300), continuingWords: [])
        #expect(detector.silence(after: "I would like to") == .milliseconds(300))
    }
}
