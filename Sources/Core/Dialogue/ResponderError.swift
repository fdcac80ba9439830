public import Telemetry

/// Why a responder gave no answer, or stopped in the middle of one.
///
/// Nothing in it is taken from what a user or a server said, nor does it name a server's address, so that it may be
/// logged and shown to clients.
public struct ResponderError: Error, Equatable, CustomStringConvertible {
    /// The wait that lasted too long.
    public enum Wait: Sendable, Equatable {
        /// Connecting to the server, the TLS handshake included.
        case connect
        /// The first token of the answer.
        case firstToken
        /// The next token of an answer that has begun.
        case stalled
        /// The whole answer.
        case whole
        /// An answer from whoever gives it, as long as a session or a request waits for one.
        case answer
    }

    /// What happened.
    public enum Code: Sendable, Equatable {
        /// The server could not be reached, or the connection broke.
        case unreachable(reason: String)
        /// A wait lasted longer than allowed.
        case timedOut(Wait, after: Duration)
        /// The server answered with an error. `status` is the HTTP status, or the one inside the stream; `word` is what
        /// it says for programs.
        case refused(status: Int, word: MachineWord?)
        /// The server sent something that is not an answer.
        case malformed(reason: String)
        /// The answer holds no text.
        case emptyAnswer
        /// The responder rests after failures in a row; ask again after the given time.
        case unavailable(retryAfter: Duration)
        /// The answer is longer than `limit` bytes.
        case textTooLong(limit: Int)
        /// The responder cannot work with its settings.
        case misconfigured(reason: String)
        /// Each responder of a chain failed; one sentence each.
        case allFailed(reasons: [String])
    }

    /// The responder that failed, such as `model`.
    public var responder: String
    /// What happened.
    public var code: Code

    /// An error of `responder`.
    public init(responder: String, code: Code) {
        self.responder = responder
        self.code = code
    }

    /// One sentence that names what failed, and one that names the remedy.
    public var description: String {
        let subject = "The \(responder) responder"
        let server = "\(subject)'s server"
        switch code {
        case .unreachable(let reason):
            return "\(server) cannot be reached: \(reason). Check that it runs and that its address is right."
        case .timedOut(let wait, let limit):
            return "\(subject) took too long: \(wait.complaint(limit)). Check its load, or allow it more time."
        case .refused(let status, let word):
            let said = word.map { " (\($0))" } ?? ""
            return "\(server) refused the request with status \(status)\(said). \(Self.remedy(forStatus: status))"
        case .malformed(let reason):
            return "\(server) sent something that is not an answer: \(reason). Check that it speaks the expected API."
        case .emptyAnswer:
            return "\(subject) answered without any text. Check the model and its token limit."
        case .unavailable(let retryAfter):
            return "\(server) failed several times in a row and is left alone; try again in \(retryAfter.inSeconds)."
        case .textTooLong(let limit):
            return "\(server) sent an answer of more than \(limit) bytes. Lower the model's token limit."
        case .misconfigured(let reason):
            return "\(subject) cannot work with its settings: \(reason)."
        case .allFailed(let reasons):
            return (["No responder could answer."] + reasons).joined(separator: " ")
        }
    }

    /// The reason in one word, for records: such as `unreachable` or `refused_429_rate_limit_exceeded`.
    public var word: String {
        switch code {
        case .unreachable: "unreachable"
        case .timedOut(let wait, _): wait.word
        case .refused(let status, let word): "refused_\(status)" + (word.map { "_\($0)" } ?? "")
        case .malformed: "malformed"
        case .emptyAnswer: "empty_answer"
        case .unavailable: "unavailable"
        case .textTooLong: "text_too_long"
        case .misconfigured: "misconfigured"
        case .allFailed: "all_failed"
        }
    }

    private static func remedy(forStatus status: Int) -> String {
        switch status {
        case 300..<400: "Set the address that it redirects to."
        case 401, 403: "Check the API key."
        case 404: "Check the base URL and the model's name."
        case 408, 429: "Ask less often, or raise its limits."
        case 400..<500: "Check the model's name and its parameters."
        default: "Look into the server's log."
        }
    }
}

extension ResponderError.Wait {
    fileprivate func complaint(_ limit: Duration) -> String {
        switch self {
        case .connect: "no connection within \(limit.inSeconds)"
        case .firstToken: "no first token within \(limit.inSeconds)"
        case .stalled: "no further token within \(limit.inSeconds)"
        case .whole: "the answer was not complete within \(limit.inSeconds)"
        case .answer: "no answer within \(limit.inSeconds)"
        }
    }

    fileprivate var word: String {
        switch self {
        case .connect: "timed_out_connecting"
        case .firstToken: "timed_out_first_token"
        case .stalled: "stalled"
        case .whole: "timed_out_whole"
        case .answer: "timed_out"
        }
    }
}

extension Duration {
    /// Such as `1.5 s`.
    fileprivate var inSeconds: String {
        "\((self / .milliseconds(1)).rounded() / 1000) s".replacing(".0 s", with: " s")
    }
}
