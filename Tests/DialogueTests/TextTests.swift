import Foundation
import Testing
import TestRandom

@testable import Dialogue

@Suite struct TextTests {
    @Test(arguments: [
        ("  hello \t\n world ", "hello world"),
        ("Um, hello uh there", "hello there"),
        ("so er I, ah, think", "so I, think"),
        ("umbrella and ahead, uh-huh", "umbrella and ahead, uh-huh"),
        ("I was in the ER yesterday", "I was in the ER yesterday"),
        ("UM HELLO", "HELLO"),
        ("um uh... er?", ""),
        ("", ""),
    ])
    func `cleaning drops hesitations and extra space only`(input: String, output: String) {
        #expect(HeardText.clean(input) == output)
    }

    @Test(arguments: [
        ("What's the TIME, please?", ["what", "is", "the", "time", "please"]),
        ("I don't know; they’re late", ["i", "do", "not", "know", "they", "are", "late"]),
        ("twenty-five and 1,000.5", ["25", "and", "1000.5"]),
        ("one, two, three", ["1", "2", "3"]),
        ("5-3 and 10 %", ["5", "-", "3", "and", "10", "%"]),
        ("well - a well-known fact", ["well", "a", "well", "known", "fact"]),
        ("two + two = ?", ["2", "+", "2", "="]),
        ("and/or", ["and", "or"]),
        ("Bob's dog", ["bob's", "dog"]),
        ("¿Größe? 北京", ["größe", "北京"]),
    ])
    func `words are normalised`(input: String, words: [String]) {
        #expect(Words(input).normal == words)
    }

    @Test func `words remember how they were said`() {
        let words = Words("Spell What's twenty-five")
        #expect(words.normal == ["spell", "what", "is", "25"])
        #expect(words.original(1..<3) == "What's")
        #expect(words.original(3..<4) == "twenty five")
    }

    @Test func `long texts are cut`() {
        let text = String(repeating: "word ", count: 100_000)
        #expect(Words(text).list.count == 200)
        #expect(Words(String(repeating: "x", count: 1_000_000)).list.count == 1)
    }

    @Test func `variables are filled once`() {
        let values = ["input": "{time}", "time": "12:00"]
        #expect(Variables.fill("{time}: {input} {other} {", with: values) == "12:00: {time} {other} {")
        #expect(Variables.fill("{{time}}", with: values) == "{12:00}")
        #expect(Variables.names(in: "{a} and {b}, {") == ["a", "b"])
    }

    @Test func `phrases do not repeat at once`() {
        var picker = PhrasePicker(random: SeededGenerator())
        var last = ""
        var seen: Set<String> = []
        for _ in 1...200 {
            let phrase = picker.pick(from: ["a", "b", "c"], group: "x")
            #expect(phrase != last)
            last = phrase
            seen.insert(phrase)
        }
        #expect(seen == ["a", "b", "c"])
    }

    @Test func `what the user just heard is avoided as far as possible`() {
        var picker = PhrasePicker(random: SeededGenerator())
        for _ in 1...20 {
            #expect(picker.pick(from: ["a", "b", "c"], group: "x", avoiding: "b") != "b")
        }
        #expect(picker.pick(from: ["only"], group: "y", avoiding: "only") == "only")
        #expect(picker.pick(from: ["only"], group: "y") == "only")
        #expect(picker.pick(from: [], group: "z") == "")
    }

    @Test(arguments: [
        (0, 5, "12:05 AM", "00:05"), (9, 0, "9 AM", "09:00"), (12, 0, "12 PM", "12:00"), (15, 20, "3:20 PM", "15:20"),
        (23, 59, "11:59 PM", "23:59"),
    ])
    func `times are spoken with AM and PM`(hour: Int, minute: Int, spoken: String, written: String) {
        let moment = WallClock.Moment(year: 2025, month: 3, day: 3, weekday: 2, hour: hour, minute: minute)
        #expect(moment.spokenTime == spoken)
        #expect(moment.writtenTime == written)
    }

    @Test func `the clock follows its time zone`() throws {
        let auckland = try #require(TimeZone(identifier: "Pacific/Auckland"))
        let here = WallClock(now: { mondayAfternoon }, timeZone: utc).read()
        let there = WallClock(now: { mondayAfternoon }, timeZone: auckland).read()
        #expect(here.writtenDate == "2025-03-03")
        #expect(here.spokenDate == "March 3, 2025")
        #expect(here.spokenWeekday == "Monday")
        #expect(here.spokenTime == "3:20 PM")
        #expect(there.writtenDate == "2025-03-04")
        #expect(there.spokenWeekday == "Tuesday")
    }

    @Test(arguments: [
        ("sya", ", did you mean \"say\"?"), ("whne", ", did you mean \"when\"?"), ("banana", ""),
        ("", ""),
    ])
    func `near names are suggested`(name: String, hint: String) {
        #expect(Suggestion.text(for: name, among: ["say", "when", "help"]) == hint)
    }
}
