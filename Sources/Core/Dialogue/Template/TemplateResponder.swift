public import Foundation
import Synchronization

/// Answers with ready-made phrases chosen by key words: needs nothing else, and never fails.
public final class TemplateResponder: Responder {
    /// `template`.
    public let name = "template"
    private let clock: WallClock
    private let picker: Mutex<PhrasePicker>

    /// A responder that tells the time of `timeZone` by `now`, and chooses among its phrases with `random`.
    public init(
        timeZone: TimeZone = .current,
        now: @escaping @Sendable () -> Date = { Date() },
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        clock = WallClock(now: now, timeZone: timeZone)
        picker = Mutex(PhrasePicker(random: random))
    }

    /// Answers at once with one phrase.
    public func respond(to prompt: Prompt) -> Response {
        let input = HeardText.clean(prompt.text)
        let category = category(of: input)
        let moment = clock.read()
        let values = [
            "input": input, "time": moment.writtenTime, "date": moment.writtenDate,
            "user": prompt.userName ?? "there",
            // Contributions of the user, this one included.
            "count": String(prompt.history.count { $0.role == .user } + 1),
        ]
        let phrases = category.phrases.map { Variables.fill($0, with: values) }
        let heard = prompt.history.last { $0.role == .assistant }?.text
        return Response(
            text: picker.withLock { $0.pick(from: phrases, group: category.name, avoiding: heard) }
        )
    }

    private func category(of input: String) -> TemplateCategory {
        guard !input.isEmpty else { return .empty }
        let words = Words(input)
        return TemplateCategory.defaults.first { $0.matches(words) } ?? .generic
    }
}
