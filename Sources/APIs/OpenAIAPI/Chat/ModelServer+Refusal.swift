import AsyncHTTPClient
import Dialogue
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Serving
import Telemetry

/// What becomes of the model server's refusals: their status and their word for programs are all that is passed on.
/// Everything else may quote what somebody else said, an address or our key.
extension ModelServer {
    /// The longest body of a refusal that is read, and how long it may take.
    static let longestRefusal = 64 << 10
    private static let refusalPatience: Duration = .seconds(1)

    /// The failure that a refusing answer amounts to.
    func refusal(_ response: HTTPClientResponse) async throws -> APIFailure {
        let body = try? await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await response.body.collect(upTo: Self.longestRefusal) }
            group.addTask {
                try await Task.sleep(for: Self.refusalPatience)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        try Task.checkCancellation()
        let word = body.flatMap { MachineWord(ofRefusal: $0.readableBytesView, hiding: key) }
        var failure = Self.refusal(status: Int(response.status.code), word: word)
        // To come back later does not help against a key that is not accepted.
        if ![401, 403].contains(response.status.code) { failure.headers = Self.advice(response.headers) }
        return failure
    }

    /// The failure that `json` tells of, which came with status 200: its own code is the status if it looks like one.
    func refusal(told json: [UInt8]) -> APIFailure {
        let members = (try? JSONValue(parsing: json))?.members
        let codes = [members?["error"]?.members?["code"], members?["code"]]
        let status = codes.lazy.compactMap { code -> Int? in
            guard case .number(let number)? = code, let status = Int(exactly: number) else { return nil }
            return (400..<600).contains(status) ? status : nil
        }.first
        return Self.refusal(status: status ?? 502, word: MachineWord(ofRefusal: json, hiding: key))
    }

    /// The failure that a refusal with `status` amounts to.
    static func refusal(status: Int, word: MachineWord?) -> APIFailure {
        let said = "with status \(status)" + (word.map { " (\($0))" } ?? "")
        var failure: APIFailure
        switch status {
        case 401, 403:
            // Our configuration is what it does not accept, not the client's key.
            failure = APIFailure(
                .badGateway,
                .processingFailed,
                "The model server does not accept this server's key; it refuses \(said). Check model.key."
            )
        case 429:
            failure = APIFailure(.tooManyRequests, .overloaded, "The model server refuses the request \(said).")
        case 400, 404, 409, 410, 413, 415, 422:
            failure = APIFailure(
                .init(code: status),
                .validationFailed,
                "The model server refuses the request \(said)."
            )
        case 408:
            failure = APIFailure(.gatewayTimeout, .processingFailed, "The model server took too long \(said).")
        case 400..<500:
            // These speak of the connection between the two servers, and would mean something else to our client.
            failure = APIFailure(.badGateway, .processingFailed, "The model server refuses the request \(said).")
        case 500..<600:
            failure = APIFailure(.init(code: status), .processingFailed, "The model server failed \(said).")
        default:
            failure = APIFailure(.badGateway, .processingFailed, "The model server answers \(said).")
        }
        failure.word = word
        return failure
    }

    /// Of the headers of a refusal those that say when to try again, if they say nothing else.
    private static func advice(_ headers: HTTPHeaders) -> HTTPFields {
        var advice: HTTPFields = [:]
        func pass(_ name: String, if isFit: (String) -> Bool) {
            guard let field = HTTPField.Name(name), let value = headers.first(name: name), isFit(value) else { return }
            advice[field] = value
        }
        pass("retry-after") { RetryAfter.duration($0, now: .now) != nil }
        pass("retry-after-ms") { Double($0) != nil }
        pass("x-should-retry") { ["true", "false"].contains($0) }
        return advice
    }
}
