public import AsyncHTTPClient
import Foundation
import NIOCore
import Resilience
import Synchronization

/// Lets a language model answer, through any server that speaks the OpenAI chat completions API.
///
/// The answer is read from the network only as fast as it is asked for. What reasoning models think between `<think>`
/// and `</think>` is left out. A server that fails several times in a row is left alone for a while.
public final class ModelResponder: Responder {
    /// `model`.
    public let name = "model"
    let configuration: ModelConfiguration
    let url: String
    let client: HTTPClient
    private let breaker: Mutex<CircuitBreaker>
    private let random: Mutex<any RandomNumberGenerator & Sendable>

    /// A responder that asks the server of `configuration`; `random` spreads the delays between tries.
    ///
    /// Throws `ResponderError` with the code `misconfigured` if the URL, the model's name or the key cannot be used.
    public init(
        configuration: ModelConfiguration,
        client: HTTPClient = .forModels,
        random: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) throws(ResponderError) {
        self.configuration = configuration
        url = try configuration.endpoint()
        self.client = client
        breaker = Mutex(CircuitBreaker(policy: configuration.breaker))
        self.random = Mutex(random)
    }

    /// Asks the model. Nothing is sent before the first piece is asked for.
    public func respond(to prompt: Prompt) -> Response {
        let answer = ModelAnswer(responder: self, prompt: prompt)
        return Response { try await answer.next() }
    }

    /// The request's body for `prompt`.
    func requestBody(for prompt: Prompt) throws -> ByteBuffer {
        ByteBuffer(bytes: try JSONEncoder().encode(ChatRequest(prompt, configuration)))
    }

    // MARK: State that answers share

    func withBreaker<Value: Sendable>(_ body: (inout CircuitBreaker) -> Value) -> Value {
        breaker.withLock { body(&$0) }
    }

    func delay(beforeAttempt attempt: Int, retryAfter: Duration?) -> Duration? {
        random.withLock { random in
            configuration.retry.delay(beforeAttempt: attempt, retryAfter: retryAfter, using: &random)
        }
    }

    /// An error of this responder.
    func error(_ code: ResponderError.Code) -> ResponderError {
        ResponderError(responder: name, code: code)
    }
}
