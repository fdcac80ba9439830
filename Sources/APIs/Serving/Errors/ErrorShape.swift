import Foundation
import HTTPTypes
public import Hummingbird
public import struct Telemetry.RequestID

/// How an API writes a failure.
public enum ErrorShape: Sendable {
    /// `detail`, and beside it `status`, `error`, `details` and `metadata`: what clients of the speech API read.
    case speech
    /// `{"error": {"message", "type", "param", "code"}}`: what clients of OpenAI's API read.
    case openAI

    /// The answer for a failure.
    public func response(for failure: APIFailure, requestID: RequestID) -> Response {
        var response = Response(json: body(failure, requestID), status: failure.status)
        for field in failure.headers { response.headers.append(field) }
        if let retryAfter = failure.retryAfter {
            // Seconds begun count in full.
            let (seconds, fraction) = retryAfter.components
            response.headers[.retryAfter] = String(max(1, seconds + (fraction > 0 ? 1 : 0)))
        }
        return response
    }

    private func body(_ failure: APIFailure, _ requestID: RequestID) -> JSONValue {
        switch self {
        case .speech:
            let issues = failure.issues.map { issue in
                var detail: [String: JSONValue] = [
                    "type": .string(issue.kind), "msg": .string(issue.message), "input": issue.input.shortened,
                    // A place in the text is a number.
                    "loc": .array(
                        issue.location.map { place in Int(place).map { .number(Double($0)) } ?? .string(place) }
                    ),
                ]
                if !issue.context.isEmpty { detail["ctx"] = .object(issue.context) }
                return JSONValue.object(detail)
            }
            return .object([
                "detail": issues.isEmpty ? .string(failure.message) : .array(issues),
                "status": .string("error"), "error": .string(failure.message), "details": .string(failure.message),
                "metadata": .object([
                    "request_id": .string(requestID.short), "error_code": .string(failure.code.rawValue),
                    "timestamp": .string(Date.now.ISO8601Format()),
                ]),
            ])
        case .openAI:
            return .object([
                "error": .object([
                    "message": .string(failure.message), "type": .string(openAIType(failure)),
                    "param": failure.issues.first?.location.dropFirst().last { Int($0) == nil }.map { .string($0) }
                        ?? .null,
                    "code": .string(failure.openAICode),
                ])
            ])
        }
    }

    private func openAIType(_ failure: APIFailure) -> String {
        switch failure.status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}

extension APIFailure {
    /// The `code` of OpenAI's shape: that of the server behind this one, if it has one.
    public var openAICode: String {
        word?.description ?? (code == .unauthorized ? "invalid_api_key" : code.rawValue.lowercased())
    }
}

extension JSONValue {
    /// The value, a long text without its end, and without what is inside arrays and objects.
    fileprivate var shortened: JSONValue {
        switch self {
        case .string(let text) where text.utf8.count > 200: .string(text.prefix(200) + "…")
        case .array: []
        case .object: [:]
        default: self
        }
    }
}
