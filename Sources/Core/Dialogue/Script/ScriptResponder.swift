public import Foundation
import Synchronization

/// A small assistant that follows a script: greets, tells the time, does sums, spells words. Needs no network.
///
/// The phrase with the most words in common with the utterance wins; among equals the one that stands first.
public final class ScriptResponder: Responder {
    /// `script`.
    public let name = "script"
    private let script: Script
    private let clock: WallClock
    private let picker: Mutex<PhrasePicker>

    /// A responder that follows `script`, tells the time of `timeZone` by `now`, and chooses among replies with `random`.
    public init(
        script: Script,
        timeZone: TimeZone = .current,
        now: @escaping @Sendable () -> Date = { Date() },
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.script = script
        clock = WallClock(now: now, timeZone: timeZone)
        picker = Mutex(PhrasePicker(random: random))
    }

    /// Answers at once with one reply.
    public func respond(to prompt: Prompt) -> Response {
        let input = HeardText.clean(prompt.text)
        let words = Words(input).withoutPlease
        let common = commonValues(prompt: prompt, input: input)
        guard !words.list.isEmpty else {
            return say(script.empty, group: " empty", values: common, prompt: prompt)
        }
        for candidate in candidates(for: words) {
            var values = common.merging(candidate.slots.mapValues(words.original)) { common, _ in common }
            switch perform(candidate.intent.action, slots: candidate.slots, words: words, prompt: prompt) {
            case .values(let more):
                values.merge(more) { _, new in new }
                return say(candidate.intent.replies, group: candidate.intent.id, values: values, prompt: prompt)
            case .sentence(let sentence):
                return Response(text: sentence)
            case .declined:
                continue
            }
        }
        return say(script.fallback, group: " fallback", values: common, prompt: prompt)
    }

    // MARK: Understanding

    private struct Candidate {
        var intent: Script.Intent
        var score: Int
        var slots: [String: Range<Int>]
    }

    private func candidates(for words: Words) -> [Candidate] {
        let normal = words.normal
        let vocabulary = Set(normal)
        return script.intents.enumerated()
            .flatMap { position, intent in
                intent.phrases.compactMap { phrase in
                    phrase.match(normal, vocabulary: vocabulary).map {
                        (position, Candidate(intent: intent, score: $0.score, slots: $0.slots))
                    }
                }
            }
            .sorted { ($1.1.score, $0.0) < ($0.1.score, $1.0) }
            .map(\.1)
    }

    // MARK: Answering

    private enum Result {
        case values([String: String])
        /// Said instead of a reply.
        case sentence(String)
        /// The utterance was not meant for the action after all.
        case declined
    }

    private func perform(
        _ action: ScriptAction?,
        slots: [String: Range<Int>],
        words: Words,
        prompt: Prompt
    ) -> Result {
        switch action {
        case nil, .time, .date:
            return .values([:])
        case .calculate:
            guard let range = slots["expression"], let outcome = Arithmetic.evaluate(Array(words.normal[range])) else {
                return .declined
            }
            return switch outcome {
            case .value(let value): .values(["result": SpokenNumber.spoken(value)])
            case .divisionByZero: .sentence("I can't divide by zero.")
            case .tooLarge: .sentence("That number is too large for me.")
            case .undefined: .sentence("That has no answer that I could tell.")
            }
        case .repeat:
            let last = prompt.history.last { $0.role == .assistant && !$0.text.isEmpty }
            return last.map { .values(["last": $0.text]) } ?? .sentence("I haven't said anything yet.")
        case .spell:
            guard let range = slots["word"] else { return .declined }
            let spelled = words.original(range).split(separator: " ").map { word in
                word.filter { $0.isLetter || $0.isNumber }.uppercased().map(String.init).joined(separator: ", ")
            }
            // Nobody wants to hear a sentence spelled.
            guard spelled.count <= 3, spelled.allSatisfy({ !$0.isEmpty && $0.count <= 150 }) else { return .declined }
            return .values(["letters": spelled.joined(separator: "; ")])
        case .help:
            return .values(["abilities": Self.enumeration(script.intents.compactMap(\.ability))])
        }
    }

    private func say(_ replies: [String], group: String, values: [String: String], prompt: Prompt) -> Response {
        let filled = replies.map { Variables.fill($0, with: values) }
        let heard = prompt.history.last { $0.role == .assistant }?.text
        return Response(text: picker.withLock { $0.pick(from: filled, group: group, avoiding: heard) })
    }

    private func commonValues(prompt: Prompt, input: String) -> [String: String] {
        let moment = clock.read()
        return [
            "user": prompt.userName ?? "there", "name": script.name, "input": input, "time": moment.spokenTime,
            "date": moment.spokenDate, "weekday": moment.spokenWeekday,
        ]
    }

    /// `a, b, and c`.
    private static func enumeration(_ items: [String]) -> String {
        switch items.count {
        case 0: "listen to you"
        case 1, 2: items.joined(separator: " and ")
        default: items.dropLast().joined(separator: ", ") + ", and " + (items.last ?? "")
        }
    }
}

extension Words {
    /// The words without "please" at either end, which changes nothing.
    fileprivate var withoutPlease: Words {
        var rest = list[...]
        while rest.first?.normal == "please" { rest.removeFirst() }
        while rest.last?.normal == "please" { rest.removeLast() }
        return Words(list: Array(rest))
    }
}
