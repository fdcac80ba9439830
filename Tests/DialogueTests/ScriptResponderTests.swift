import Foundation
import Testing
import TestRandom

@testable import Dialogue

@Suite struct ScriptResponderTests {
    let responder: ScriptResponder

    init() throws {
        responder = ScriptResponder(
            script: try Script.bundled(),
            timeZone: utc,
            now: { mondayAfternoon },
            random: SeededGenerator()
        )
    }

    private func answer(_ input: String, history: [Message] = [], user: String? = nil) async throws -> String {
        try await text(of: responder.respond(to: Prompt(input, history: history, userName: user)))
    }

    @Test(arguments: [
        ("What time is it?", "3:20 PM"), ("Could you please tell me the time", "3:20 PM"),
        ("what's the time", "3:20 PM"),
        ("What's the date today?", "Monday, March 3, 2025"), ("What day is it?", "Monday"),
        ("what day of the week is it", "Monday"), ("What is two plus two?", "4"), ("how much is 6 times 7", "42"),
        ("Calculate twenty percent of fifty.", "10"), ("three squared plus one", "10"),
        ("What's 10 divided by 4 please?", "2.5"), ("what is ten divided by zero", "can't divide by zero"),
        ("what is 9 to the power of 99", "too large"), ("what is the square root of minus 1", "no answer"),
        ("can you multiply 4 by 5", "20"), ("Spell the word cat.", "cat is spelled C, A, T."),
        ("How do you spell banana, please?", "banana is spelled B, A, N, A, N, A."),
        ("spell twenty one", "T, W, E, N, T, Y; O, N, E"), ("Who are you?", "Antiphon"),
        ("What can you do?", "tell you the time, tell you the date, do sums"), ("help", "spell words"),
    ])
    func `questions are answered`(question: String, part: String) async throws {
        let answer = try await answer(question)
        #expect(answer.contains(part), "\(question): \(answer)")
    }

    @Test(arguments: [
        (
            "Hello there",
            ["Hello there! What can I do for you?", "Hi there! It's nice to hear from you.", "Hello! How can I help?"]
        ),
        ("Thanks a lot!", ["You're welcome!", "My pleasure.", "Any time."]),
        (
            "okay goodbye",
            ["Goodbye there! Have a nice day.", "See you soon. Take care!", "Bye! It was nice talking to you."]
        ),
    ])
    func `courtesies are returned`(input: String, answers: [String]) async throws {
        #expect(answers.contains(try await answer(input)))
    }

    @Test func `the user is called by name`() async throws {
        var answers: Set<String> = []
        for _ in 1...20 { answers.insert(try await answer("hello", user: "Ada")) }
        #expect(answers.contains("Hello Ada! What can I do for you?"))
    }

    @Test func `the last answer is repeated`() async throws {
        let history = [
            Message(role: .user, text: "what time is it"), Message(role: .assistant, text: "It is 3 PM."),
            Message(role: .user, text: "hm"),
        ]
        #expect(try await answer("Can you repeat that?", history: history) == "It is 3 PM.")
        #expect(try await answer("say that again", history: history) == "It is 3 PM.")
        #expect(try await answer("say that again") == "I haven't said anything yet.")
    }

    @Test(arguments: [
        "I think this is nice", "what is love", "my cat sleeps", "the whole shipment",
        "spell this is a sentence with far too many words",
    ])
    func `what is not understood gets the fallback`(input: String) async throws {
        let fallback = try Script.bundled().fallback
        #expect(fallback.contains(try await answer(input)), "\(input)")
    }

    @Test(arguments: ["", "   ", "um, uh", "...", "please"])
    func `silence is answered with a request to repeat`(input: String) async throws {
        let empty = try Script.bundled().empty
        #expect(empty.contains(try await answer(input)))
    }

    @Test func `the more exact phrase wins, and among equals the first`() async throws {
        let script = try Script(
            bytes: Array(
                """
                intents:
                  - {id: a, when: lights, say: a}
                  - {id: b, when: turn on the lights, say: b}
                  - {id: c, when: lights, say: c}
                  - {id: d, when: "call {who}", say: "Calling {who}."}
                fallback: f
                empty: e
                """.utf8
            ),
            file: "test.yaml"
        )
        let responder = ScriptResponder(script: script)
        #expect(try await text(of: responder.respond(to: Prompt("lights"))) == "a")
        #expect(try await text(of: responder.respond(to: Prompt("please turn on the lights now"))) == "b")
        #expect(try await text(of: responder.respond(to: Prompt("Call Aunt May"))) == "Calling Aunt May.")
        #expect(try await text(of: responder.respond(to: Prompt("call {time}"))) == "Calling time.")
    }

    @Test(.timeLimit(.minutes(5))) func `long utterances do no harm`() async throws {
        let input = String(repeating: "what is spell {time} repeat ", count: 20_000)
        #expect(try await !answer(input).isEmpty)
    }
}
