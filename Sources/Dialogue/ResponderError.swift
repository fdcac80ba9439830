/// Why a responder gave no answer, or stopped in the middle of one.
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
    }

    /// What happened.
    public enum Code: Sendable, Equatable {
        /// The server could not be reached, or the connection broke.
        case unreachable(reason: String)
        /// A wait lasted longer than allowed.
        case timedOut(Wait, after: Duration)
        /// The server answered with an error. `status` is the HTTP status, or the one inside the stream.
        case refused(status: Int, message: String)
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
    /// The server it talks to as host and port, if it talks to one.
    public var server: String?
    /// What happened.
    public var code: Code

    /// An error of `responder`.
    public init(responder: String, server: String? = nil, code: Code) {
        self.responder = responder
        self.server = server
        self.code = code
    }

    /// One sentence that names what failed, and one that names the remedy.
    public var description: String {
        let subject = server.map { "The \(responder) responder's server \($0)" } ?? "The \(responder) responder"
        switch code {
        case .unreachable(let reason):
            return "\(subject) cannot be reached: \(reason). Check that it runs and that its address is right."
        case .timedOut(let wait, let limit):
            return "\(subject) took too long: \(wait.complaint(limit)). Check its load, or allow it more time."
        case .refused(let status, let message):
            let said = message.isEmpty ? "" : ": \(message)"
            return "\(subject) refused the request with status \(status)\(said). \(Self.remedy(forStatus: status))"
        case .malformed(let reason):
            return "\(subject) sent something that is not an answer: \(reason). Check that it speaks the expected API."
        case .emptyAnswer:
            return "\(subject) answered without any text. Check the model and its token limit."
        case .unavailable(let retryAfter):
            return "\(subject) failed several times in a row and is left alone; try again in \(retryAfter.inSeconds)."
        case .textTooLong(let limit):
            return "\(subject) sent an answer of more than \(limit) bytes. Lower the model's token limit."
        case .misconfigured(let reason):
            return "\(subject) cannot work with its settings: \(reason)."
        case .allFailed(let reasons):
            return (["No responder could answer."] + reasons).joined(separator: " ")
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
        }
    }
}

extension Duration {
    /// Such as `1.5 s`.
    fileprivate var inSeconds: String {
        "\((self / .milliseconds(1)).rounded() / 1000) s".replacing(".0 s", with: " s")
    }
}
