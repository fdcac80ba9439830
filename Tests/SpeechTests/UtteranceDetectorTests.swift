import Audio
import Testing
import TestRandom

@testable import Speech

@Suite struct UtteranceDetectorTests {
    private static let rate = 1000
    private static let window = 10

    /// Feeds windows of 10 ms: `#` is speech, `.` silence, and collects the events.
    private func feed(_ detector: inout UtteranceDetector, _ pattern: String) -> [UtteranceDetector.Event] {
        pattern.flatMap { mark in
            detector.append([Float](repeating: mark == "#" ? 1 : 0, count: Self.window))
            return detector.advance(VoiceActivity(count: Self.window, isSpeech: mark == "#"))
        }
    }

    private func detector(
        silence: Int = 100,
        _ change: (inout UtteranceDetector.Configuration) -> Void = { _ in }
    ) -> UtteranceDetector {
        var configuration = UtteranceDetector.Configuration()
        configuration.preRoll = .milliseconds(30)
        configuration.postRoll = .milliseconds(20)
        configuration.pause = .milliseconds(40)
        change(&configuration)
        return UtteranceDetector(
            sampleRate: Self.rate,
            silence: .milliseconds(silence),
            configuration: configuration
        )
    }

    private func times(_ count: Int, _ mark: String) -> String { String(repeating: mark, count: count) }

    @Test func `an utterance starts before it was noticed and ends after the silence`() throws {
        var detector = detector()
        let events = feed(&detector, times(10, ".") + times(20, "#") + times(10, "."))
        guard case .started(1, let start)? = events.first, case .ended(let utterance)? = events.last else {
            Issue.record("no utterance: \(events)")
            return
        }
        #expect(start == 80)
        #expect(utterance.start == 80)
        #expect(utterance.endOfSpeech == 300)
        #expect(utterance.position == 400)
        #expect(utterance.trailingSilence == .milliseconds(100))
        #expect(utterance.audio.duration == .milliseconds(240))
        #expect(!detector.isInUtterance)
    }

    @Test func `the hangover of the voice detector is not speech`() throws {
        var detector = detector { $0.hangover = .milliseconds(50) }
        let events = feed(&detector, times(20, "#") + times(5, "."))
        guard case .ended(let utterance)? = events.last else {
            Issue.record("no utterance: \(events)")
            return
        }
        #expect(utterance.endOfSpeech == 150)
        #expect(utterance.trailingSilence == .milliseconds(100))
    }

    @Test func `a pause is reported once and its end too`() {
        var detector = detector()
        let events = feed(&detector, times(20, "#") + times(6, ".") + times(3, "#"))
        #expect(events.count { if case .paused = $0 { true } else { false } } == 1)
        #expect(events.last == .resumed(1))
    }

    @Test func `the silence can be changed while it lasts`() {
        var detector = detector()
        #expect(
            !feed(&detector, times(20, "#") + times(6, ".")).contains { if case .ended = $0 { true } else { false } }
        )
        detector.silence = .milliseconds(70)
        #expect(feed(&detector, ".").contains { if case .ended = $0 { true } else { false } })
    }

    @Test func `a long utterance comes in parts that join without gap or overlap`() throws {
        var detector = detector(silence: 500) { $0.partLength = .milliseconds(200) }
        let events = feed(&detector, times(25, "#") + times(6, ".") + times(25, "#") + times(50, "."))
        let parts = events.compactMap { event -> Utterance? in
            switch event {
            case .part(let utterance), .ended(let utterance): utterance
            default: nil
            }
        }
        try #require(parts.count == 2)
        #expect(parts[0].id == parts[1].id)
        #expect(parts[1].start == parts[0].endOfSpeech)
    }

    @Test func `an utterance without a pause is cut at the longest part`() {
        var detector = detector { $0.longestPart = .milliseconds(300) }
        let events = feed(&detector, times(100, "#"))
        #expect(events.count { if case .part = $0 { true } else { false } } == 3)
    }

    @Test func `growth is reported at the partial interval`() {
        var detector = detector { $0.partialInterval = .milliseconds(100) }
        let events = feed(&detector, times(35, "#"))
        #expect(events.count { if case .grown = $0 { true } else { false } } == 2)
        let later = feed(&detector, times(200, "#")).count { if case .grown = $0 { true } else { false } }
        #expect((5...12).contains(later), "partial transcripts get rarer as the part grows")
    }

    @Test func `the end of the stream ends the utterance`() {
        var detector = detector()
        _ = feed(&detector, times(20, "#"))
        guard case .ended(let utterance)? = detector.finish().first else {
            Issue.record("no utterance")
            return
        }
        #expect(utterance.audio.duration == .milliseconds(200))
        #expect(detector.finish().isEmpty)
    }

    @Test func `an hour of silence is forgotten`() {
        var detector = detector()
        for _ in 0..<3600 { _ = feed(&detector, times(100, ".")) }
        let events = feed(&detector, times(20, "#") + times(10, "."))
        guard case .ended(let utterance)? = events.last else {
            Issue.record("no utterance")
            return
        }
        #expect(utterance.audio.duration == .milliseconds(240))
        #expect(detector.bufferedSamples < 2 * Self.rate + 300)
    }

    @Test(arguments: 0..<50) func `whatever the pattern utterances do not overlap and every one ends once`(seed: UInt64)
    {
        var random = SeededGenerator(seed: seed)
        var detector = detector {
            $0.longestPart = .milliseconds(400); $0.partLength = .milliseconds(200)
        }
        var events: [UtteranceDetector.Event] = []
        for _ in 0..<60 {
            let mark = Bool.random(using: &random) ? "#" : "."
            events += feed(&detector, times(Int.random(in: 1...30, using: &random), mark))
        }
        events += detector.finish()
        var open: Utterance.ID?
        var end = 0
        for event in events {
            switch event {
            case .started(let id, _):
                #expect(open == nil)
                open = id
            case .ended(let utterance):
                #expect(utterance.id == open)
                #expect(utterance.start + utterance.audio.samples.count >= utterance.endOfSpeech)
                open = nil
                end = max(end, utterance.endOfSpeech)
            case .part(let utterance):
                #expect(utterance.id == open)
                #expect(utterance.start >= end - 30)
                end = utterance.endOfSpeech
            case .grown, .paused, .resumed:
                #expect(open != nil)
            }
        }
        #expect(open == nil)
    }
}
