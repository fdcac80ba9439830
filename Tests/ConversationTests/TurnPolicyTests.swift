import Testing

@testable import Conversation

/// When the user has finished, by what was said.
@Suite struct EndpointPolicyTests {
    private func silence(after text: String, _ change: (inout TurnTaking) -> Void = { _ in }) -> Duration? {
        var manner = TurnTaking()
        change(&manner)
        var policy = EndpointPolicy(manner)
        policy.paused(after: text)
        return policy.silence
    }

    @Test(arguments: ["What time is it?", "Stop.", "Tell me a joke!", "I like tea.", "What are you looking for?", "好。"])
    func `after a whole sentence little silence is enough`(text: String) {
        #expect(silence(after: text) == .milliseconds(240))
    }

    @Test(arguments: ["I like tea", "turn left"])
    func `words without a sign leave it open`(text: String) {
        #expect(silence(after: text) == .milliseconds(400))
    }

    @Test(arguments: [
        "I would like to", "I would like to.", "Well, because", "One of the", "I was thinking...", "um",
        "and then, uh.",
        "I bought apples, pears,", "It is for my", "Can you remind me to?", "If it rains tomorrow.",
        "I need bread, milk.",
    ])
    func `where people think there is time`(text: String) {
        #expect(silence(after: text) == .milliseconds(1200))
    }

    @Test(arguments: [
        "My number is four two", "It's 5 5 5.", "My name is spelled A L E", "That is a-l-e-x", "Write to john at",
        "john at example dot", "My phone number is 555.", "The code is seven-three.",
    ])
    func `digits spellings and addresses are waited for`(text: String) {
        #expect(silence(after: text) == .milliseconds(1200))
    }

    @Test(arguments: [
        "Call me at five.", "It was in 1999.", "Chapter 12.", "I have three cats.", "Yes, please.",
        "If it rains, we stay.", "Bread, milk and eggs, please.",
    ])
    func `a number in a sentence is no dictation and a comma no list`(text: String) {
        #expect(silence(after: text) == .milliseconds(240))
    }

    @Test func `while the transcript is not known the longest silence counts`() {
        var policy = EndpointPolicy(TurnTaking())
        #expect(policy.silence == .milliseconds(1200))
        policy.paused(after: "Stop.")
        #expect(policy.silence == .milliseconds(240))
        policy.speaks()
        #expect(policy.silence == .milliseconds(1200))
    }

    @Test func `the other policies do not look at words`() {
        #expect(silence(after: "and") { $0 = .serverVAD } == .milliseconds(500))
        #expect(silence(after: "Stop.") { $0.endpointing = .manual } == nil)
    }

    @Test func `an answer is begun only to what may be all`() {
        var policy = EndpointPolicy(TurnTaking())
        #expect(policy.answerable == nil)
        policy.paused(after: "What time is it?")
        #expect(policy.answerable == "What time is it?")
        policy.paused(after: "What time is it and")
        #expect(policy.answerable == nil)
        policy.paused(after: "(cough)")
        #expect(policy.answerable == nil)
        policy.manner.answersAhead = false
        policy.paused(after: "What time is it?")
        #expect(policy.answerable == nil)
    }

    @Test(arguments: [("de", "Ich möchte und"), ("fr-FR", "Je voudrais que"), ("es", "Quiero ir a la")])
    func `other languages have words of their own`(language: String, text: String) {
        #expect(EndpointPolicy.ending(of: text, language: language) == .brokenOff)
        #expect(EndpointPolicy.ending(of: "Okay.", language: language) == .whole)
    }
}

/// What speech over an answer means.
@Suite struct OverlapPolicyTests {
    private func policy(_ language: String? = nil) -> OverlapPolicy { OverlapPolicy(1, language: language) }

    @Test(arguments: ["Mhm.", "Yeah.", "Okay, yeah.", "Uh-huh.", "I see.", "Oh, got it.", "Mm-hmm.", "All right."])
    func `a listener's words let the answer go on`(text: String) {
        var policy = policy()
        #expect(policy.heard(text) == .wait, "more may follow")
        #expect(policy.paused(after: .milliseconds(500)) == .wait)
        #expect(policy.transcribed(text) == .resume)
    }

    @Test(arguments: ["", "(coughs)", "[noise]", "*sigh*", "..."])
    func `a sound without words lets the answer go on`(text: String) {
        var policy = policy()
        #expect(policy.transcribed(text) == .resume)
    }

    @Test(arguments: ["Stop.", "Wait a second", "No.", "Yeah but what about tea?", "Okay so tell me more", "What?"])
    func `words of a speaker end it as soon as they are known`(text: String) {
        var policy = policy()
        #expect(policy.heard(text) == .cancel)
        #expect(policy.transcribed(text) == .cancel)
    }

    @Test func `a click is no word whatever is made of it`() {
        var policy = policy()
        #expect(policy.paused(after: .milliseconds(90)) == .resume)
        #expect(policy.transcribed("You") == .resume)
    }

    @Test func `a single word in a very short sound is none, unless people interrupt with it`() {
        var policy = policy()
        #expect(policy.heard("You") == .wait)
        _ = policy.paused(after: .milliseconds(250))
        #expect(policy.transcribed("You.") == .resume)
        #expect(policy.transcribed("Stop.") == .cancel)
        policy.wentOn()
        _ = policy.paused(after: .milliseconds(500))
        #expect(policy.transcribed("Paris.") == .cancel)
    }

    @Test func `at the end of the window speech decides by its length`() {
        var policy = policy()
        #expect(policy.windowElapsed() == .cancel, "the user speaks on")
        _ = policy.paused(after: .milliseconds(300))
        #expect(policy.windowElapsed() == .resume)
        policy.wentOn()
        #expect(policy.windowElapsed() == .cancel)
        _ = policy.paused(after: .milliseconds(600))
        #expect(policy.windowElapsed() == .cancel)
        _ = policy.heard("Mhm")
        #expect(policy.windowElapsed() == .resume)
    }

    @Test(arguments: [("de-DE", "Ja, genau."), ("fr", "D'accord."), ("es", "Claro que sí.")])
    func `listeners are understood in other languages`(language: String, text: String) {
        var policy = policy(language)
        #expect(policy.transcribed(text) == .resume)
        #expect(policy.transcribed("Stop!") == .cancel)
    }
}
