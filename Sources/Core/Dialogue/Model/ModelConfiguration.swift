import Foundation
public import Resilience

/// Which language model answers, and how long it may take.
public struct ModelConfiguration: Sendable, Equatable {
    /// The longest waits for the server.
    public struct Timeouts: Sendable, Equatable {
        /// For a connection, the TLS handshake included.
        public var connect: Duration
        /// For the first token, counted from the first try: connecting and further tries included.
        public var firstToken: Duration
        /// From one token to the next.
        public var betweenTokens: Duration
        /// In all for one answer. Time in which nobody asks for the next piece does not count.
        public var whole: Duration

        /// Timeouts; by default 5, 10, 10 and 60 seconds.
        public init(
            connect: Duration = .seconds(5),
            firstToken: Duration = .seconds(10),
            betweenTokens: Duration = .seconds(10),
            whole: Duration = .seconds(60)
        ) {
            self.connect = connect
            self.firstToken = firstToken
            self.betweenTokens = betweenTokens
            self.whole = whole
        }
    }

    /// The URL that `/chat/completions` is appended to, such as `http://127.0.0.1:8000/v1`; http or https.
    public var baseURL: String
    /// Sent as a bearer token; nil if the server needs none.
    public var apiKey: String?
    /// The model's name on the server.
    public var model: String
    /// Instructions for the model; may be empty.
    public var systemPrompt: String
    /// How freely the model chooses its words; nil leaves it to the server.
    public var temperature: Double?
    /// The most tokens of an answer; nil leaves it to the server.
    public var maxTokens: Int?
    /// How many tokens of conversation the model is given, by estimate.
    public var historyTokenBudget: Int
    /// The longest waits.
    public var timeouts: Timeouts
    /// How a request is tried again. Only before the first token, and only when the server has not got it (there was no
    /// connection, or a kept one ended before a byte of the answer) or answers with status 408, 429 or 5xx.
    public var retry: RetryPolicy
    /// When a failing server is left alone.
    public var breaker: CircuitBreaker.Policy

    /// A configuration.
    public init(
        baseURL: String,
        apiKey: String? = nil,
        model: String,
        systemPrompt: String = "",
        temperature: Double? = nil,
        maxTokens: Int? = nil,
        historyTokenBudget: Int = 4000,
        timeouts: Timeouts = Timeouts(),
        retry: RetryPolicy = RetryPolicy(),
        breaker: CircuitBreaker.Policy = CircuitBreaker.Policy()
    ) {
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.model = model
        self.systemPrompt = systemPrompt
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.historyTokenBudget = historyTokenBudget
        self.timeouts = timeouts
        self.retry = retry
        self.breaker = breaker
    }
}

extension ModelConfiguration: CustomStringConvertible {
    /// The model alone: neither key nor address belong in a log.
    public var description: String { "model \(model)" }
}

extension ModelConfiguration {
    /// The URL that requests go to. Throws a sentence about what is wrong with the settings.
    func endpoint() throws(ResponderError) -> String {
        func mistake(_ reason: String) -> ResponderError {
            ResponderError(responder: "model", code: .misconfigured(reason: reason))
        }
        guard let components = URLComponents(string: baseURL), let scheme = components.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = components.host, !host.isEmpty
        else {
            throw mistake("the base URL must look like http://127.0.0.1:8000/v1")
        }
        guard components.user == nil, components.password == nil, components.fragment == nil else {
            throw mistake("the base URL must not hold a user, a password or a fragment; set the API key instead")
        }
        guard !model.isEmpty else { throw mistake("the model has no name") }
        if let apiKey, !apiKey.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            throw mistake("the API key holds white space or characters beyond ASCII")
        }
        var request = components
        request.path = components.path.trimmingSuffix("/") + "/chat/completions"
        guard let url = request.string else { throw mistake("the base URL must look like http://127.0.0.1:8000/v1") }
        return url
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String {
        var text = self
        while text.last == suffix { text.removeLast() }
        return text
    }
}
