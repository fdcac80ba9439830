import Audio
import Dialogue
public import HTTPTypes
import NIOCore
import Speech
import Storage
public import Telemetry

/// Why a request is refused or failed, in terms that each API renders in its own shape.
public struct APIFailure: Error, Sendable {
    /// A fault in one field of the request.
    public struct Issue: Sendable, Equatable {
        /// Where the field is, such as `["body", "text"]`.
        public var location: [String]
        /// The kind of fault in one word, such as `missing` or `greater_than_equal`.
        public var kind: String
        /// The fault in a sentence.
        public var message: String
        /// What the client sent there, `null` for nothing.
        public var input: JSONValue
        /// What was expected, for programs, such as `["ge": 50]`.
        public var context: [String: JSONValue]

        /// A fault.
        public init(
            _ location: [String],
            _ kind: String,
            _ message: String,
            input: JSONValue = .null,
            context: [String: JSONValue] = [:]
        ) {
            self.location = location
            self.kind = kind
            self.message = message
            self.input = input
            self.context = context
        }
    }

    /// The class of the failure, for programs.
    public enum Code: String, Sendable {
        /// The request is not well-formed or a field is out of range.
        case validationFailed = "VALIDATION_FAILED"
        /// The path is unknown.
        case notFound = "NOT_FOUND"
        /// There is no model of this name.
        case modelNotFound = "MODEL_NOT_FOUND"
        /// The path is known, the method is not.
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        /// A key is needed and none, or a wrong one, was given.
        case unauthorized = "UNAUTHORIZED"
        /// The client may not do this.
        case forbidden = "FORBIDDEN"
        /// The body is larger than allowed.
        case tooLarge = "FILE_TOO_LARGE"
        /// The body is of a kind that is not handled.
        case unsupportedFormat = "UNSUPPORTED_FORMAT"
        /// The request took too long to arrive.
        case timedOut = "REQUEST_TIMEOUT"
        /// An engine is not available.
        case modelNotLoaded = "MODEL_NOT_LOADED"
        /// The client asks too often.
        case rateLimited = "RATE_LIMITED"
        /// There is no room for more work now.
        case overloaded = "OVERLOADED"
        /// The work failed.
        case processingFailed = "PROCESSING_FAILED"
    }

    /// The HTTP status.
    public var status: HTTPResponse.Status
    /// The class.
    public var code: Code
    /// One sentence that names what is wrong and what to do about it.
    public var message: String
    /// The faults in fields, when that is what is wrong.
    public var issues: [Issue] = []
    /// When to try again.
    public var retryAfter: Duration?
    /// Whether no route has the path, or none with the method. Which of the two it is, and so status and message, only
    /// the router knows.
    public var isWithoutRoute = false
    /// More headers for the answer.
    public var headers: HTTPFields = [:]
    /// What went wrong, for the log; never sent.
    public var cause: (any Error)?
    /// What another server says for programs about its refusal, which is why this request failed.
    public var word: MachineWord?

    /// A failure.
    public init(_ status: HTTPResponse.Status, _ code: Code, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// A request with faults in its fields.
    public static func invalid(_ issues: Issue...) -> APIFailure {
        invalid(issues)
    }

    /// A request with faults in its fields.
    public static func invalid(_ issues: [Issue]) -> APIFailure {
        var failure = APIFailure(
            .unprocessableContent,
            .validationFailed,
            issues.map { issue in
                let field = issue.location.dropFirst().filter { Int($0) == nil }.joined(separator: ".")
                return field.isEmpty ? issue.message : "\(field): \(issue.message)"
            }.joined(separator: "; ")
        )
        failure.issues = issues
        return failure
    }
}

extension APIFailure {
    /// What the log says of it. An error of ours never holds what a user or another server said, which is not known of
    /// others: of them only the kind is told.
    var logText: String {
        switch cause {
        case nil: message
        case let error as SpeechError: error.description
        case let error as AudioError: error.description
        case let error as ResponderError: error.description
        case let error as StorageError: error.description
        case let error as IOError: error.description
        case let error?: "an error of the kind \(type(of: error))"
        }
    }
}
