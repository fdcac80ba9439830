import Foundation
import Testing
import TestRandom

@testable import Dialogue

@Suite struct TemplateResponderTests {
    let responder = TemplateResponder(timeZone: utc, now: { mondayAfternoon }, random: SeededGenerator())

    private func category(_ text: String) -> String {
        let words = Words(text)
        return TemplateCategory.defaults.first { $0.matches(words) }?.name ?? "generic"
    }

    @Test(arguments: [
        ("Hello!", "greeting"), ("good morning to you", "greeting"), ("Okay, bye bye", "farewell"),
        ("see you tomorrow", "farewell"), ("How does a motor work?", "question_how"), ("hi, how are you", "greeting"),
        ("What is love?", "question_what"), ("tell me what you like", "question_what"), ("Yes please", "affirmation"),
        ("Yeah, sure", "affirmation"), ("no", "negation"), ("no thanks", "negation"), ("not really", "negation"),
        ("Thank you!", "compliment"), ("you're great", "compliment"), ("I don't understand that", "confusion"),
        ("I have no idea", "confusion"), ("what do you mean", "confusion"), ("what time is it", "time"),
        ("what's the date", "time"), ("the weather was nice", "generic"),
    ])
    func `each kind of utterance has its category`(text: String, name: String) {
        #expect(category(text) == name)
    }

    @Test(arguments: ["I think this", "I know", "the shield", "a whimsical nose", "yesterday", "somehow timeless"])
    func `parts of words do not count`(text: String) {
        #expect(category(text) == "generic")
    }

    @Test func `the order of the categories is fixed`() {
        #expect(
            TemplateCategory.defaults.map(\.name) == [
                "greeting", "farewell", "question_how", "question_what", "affirmation", "negation", "compliment",
                "confusion", "time",
            ]
        )
        for category in TemplateCategory.defaults + [.empty] { #expect((4...5).contains(category.phrases.count)) }
        #expect(TemplateCategory.generic.phrases.count == 10)
    }

    @Test func `variables are filled`() async throws {
        var all: Set<String> = []
        for _ in 1...60 { all.insert(try await text(of: responder.respond(to: Prompt("tell me the time")))) }
        #expect(all.contains("My clock says 15:20."))
        #expect(all.contains("Today is 2025-03-03, and the time is 15:20."))
        #expect(all.count == 4)
    }

    @Test func `the user is called by name, or there`() async throws {
        var named: Set<String> = []
        var unnamed: Set<String> = []
        for _ in 1...60 {
            named.insert(try await text(of: responder.respond(to: Prompt("goodbye", userName: "Ada"))))
            unnamed.insert(try await text(of: responder.respond(to: Prompt("goodbye"))))
        }
        #expect(named.contains("See you soon, Ada. Take care!"))
        #expect(unnamed.contains("See you soon, there. Take care!"))
    }

    @Test func `what was heard is not looked into for variables`() async throws {
        var all: Set<String> = []
        for _ in 1...100 { all.insert(try await text(of: responder.respond(to: Prompt("my plan {count} stays")))) }
        #expect(all.contains("You said: my plan {count} stays. What makes that important to you?"))
    }

    @Test func `no phrase comes twice in a row`() async throws {
        var last = ""
        for _ in 1...50 {
            let answer = try await text(of: responder.respond(to: Prompt("hello")))
            #expect(answer != last)
            last = answer
        }
    }

    @Test func `silence is answered with a request to repeat`() async throws {
        var all: Set<String> = []
        for _ in 1...60 { all.insert(try await text(of: responder.respond(to: Prompt(" um ")))) }
        #expect(all == Set(TemplateCategory.empty.phrases))
    }
}
