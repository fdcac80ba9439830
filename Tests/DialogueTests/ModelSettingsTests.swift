import Foundation
import Telemetry
import Testing

@testable import Dialogue

@Suite struct ModelSettingsTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1/chat/completions"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/chat/completions"),
        ("HTTP://localhost", "HTTP://localhost/chat/completions"),
        ("https://x.example/openai?api-version=1", "https://x.example/openai/chat/completions?api-version=1"),
    ])
    func `requests go below the base URL`(baseURL: String, url: String) throws {
        #expect(try ModelConfiguration(baseURL: baseURL, model: "m").endpoint() == url)
    }

    @Test(arguments: [
        "", "127.0.0.1:8000", "ftp://host/v1", "file:///etc/passwd", "http://", "http://u:p@host/v1", "http://h/#f",
    ])
    func `other URLs are refused`(baseURL: String) {
        #expect(throws: ResponderError.self) {
            try ModelResponder(configuration: ModelConfiguration(baseURL: baseURL, model: "m"))
        }
    }

    @Test func `a model needs a name, and a key must fit into a header`() {
        #expect(throws: ResponderError.self) { try ModelConfiguration(baseURL: "http://h", model: "").endpoint() }
        for key in ["a b", "a\r\nX-Evil: 1", "schlüssel"] {
            #expect(throws: ResponderError.self) {
                try ModelConfiguration(baseURL: "http://h", apiKey: key, model: "m").endpoint()
            }
        }
    }

    @Test func `a configuration shows neither its key nor its address`() {
        let configuration = ModelConfiguration(baseURL: "http://h:1/v1", apiKey: "secret", model: "m")
        #expect("\(configuration)" == "model m")
    }

    @Test(arguments: [
        ("5", Duration.seconds(5)), (" 0 ", .zero), ("1.5", .milliseconds(1500)),
        ("Mon, 03 Mar 2025 15:20:30 GMT", .seconds(30)), ("Mon, 03 Mar 2025 15:00:00 GMT", .zero),
        ("1e300", .seconds(86_400)),
    ])
    func `a server's wish to be left alone is read`(value: String, wait: Duration) {
        #expect(RetryAfter.duration(value, now: mondayAfternoon) == wait)
    }

    @Test(arguments: ["", "-5", "soon", "nan", "Mon, 99 Mar 2025"])
    func `other wishes are ignored`(value: String) {
        #expect(RetryAfter.duration(value, now: mondayAfternoon) == nil)
    }

    @Test func `errors name the responder, the reason and the remedy`() {
        func text(_ code: ResponderError.Code) -> String {
            ResponderError(responder: "model", code: code).description
        }
        #expect(
            text(.timedOut(.firstToken, after: .milliseconds(2500)))
                == "The model responder took too long: no first token within 2.5 s. Check its load, or allow it more time."
        )
        #expect(
            text(.refused(status: 401, word: MachineWord("bad_key")))
                == "The model responder's server refused the request with status 401 (bad_key). Check the API key."
        )
        #expect(text(.unavailable(retryAfter: .seconds(5))).hasSuffix("try again in 5 s."))
    }

    @Test(arguments: [
        (ResponderError.Code.unreachable(reason: "x"), "unreachable"),
        (.timedOut(.connect, after: .zero), "timed_out_connecting"),
        (.timedOut(.answer, after: .zero), "timed_out"),
        (.refused(status: 429, word: MachineWord("rate_limit")), "refused_429_rate_limit"),
        (.refused(status: 500, word: nil), "refused_500"), (.malformed(reason: "x"), "malformed"),
        (.emptyAnswer, "empty_answer"), (.unavailable(retryAfter: .zero), "unavailable"),
        (.allFailed(reasons: []), "all_failed"),
    ])
    func `records have the reason in one word`(code: ResponderError.Code, word: String) {
        #expect(ResponderError(responder: "model", code: code).word == word)
    }

    @Test func `time counts only while somebody waits`() {
        let start = ContinuousClock.now
        var limits = AnswerLimits(
            timeouts: .init(firstToken: .seconds(10), betweenTokens: .seconds(5), whole: .seconds(12))
        )
        limits.asked(at: start)
        #expect(limits.deadline == .init(instant: start + .seconds(10), wait: .firstToken, limit: .seconds(10)))
        limits.receivedToken(at: start + .seconds(4))
        #expect(limits.deadline == .init(instant: start + .seconds(9), wait: .stalled, limit: .seconds(5)))
        limits.answered(at: start + .seconds(4))
        // The reader plays the answer for a minute before it asks again.
        limits.asked(at: start + .seconds(64))
        #expect(limits.deadline == .init(instant: start + .seconds(69), wait: .stalled, limit: .seconds(5)))
        limits.receivedToken(at: start + .seconds(68))
        #expect(limits.deadline == .init(instant: start + .seconds(72), wait: .whole, limit: .seconds(12)))
        #expect(limits.deadline.code == .timedOut(.whole, after: .seconds(12)))
    }
}
