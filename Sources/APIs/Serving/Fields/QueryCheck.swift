import Foundation
import Hummingbird

/// Answers for the parameters in the query of a request that its route does not read: those that are nearly the name of one
/// that it reads are faults, the others are named in the answer.
struct QueryCheck<Next: HTTPResponder>: HTTPResponder where Next.Context == ServingContext {
    typealias Context = ServingContext

    let next: Next
    /// The parameters that the route reads.
    let known: Set<String>

    func respond(to request: Request, context: ServingContext) async throws -> Response {
        guard request.uri.query != nil else { return try await next.respond(to: request, context: context) }
        var ignored: [String] = []
        for (name, _) in QueryParameters.all(of: request) {
            if known.contains(name) || known.contains(FieldReader.withoutIndex(name)) { continue }
            if let meant = FieldName(name).nearest(among: known) {
                throw APIFailure.invalid(
                    .init(
                        ["query", String(name.prefix(40))],
                        "extra_forbidden",
                        "There is no such parameter; did you mean \(meant)?"
                    )
                )
            }
            if !ignored.contains(name) { ignored.append(name) }
        }
        var response = try await next.respond(to: request, context: context)
        response.headers.nameIgnored(ignored)
        return response
    }
}

/// What every route may find in its query.
enum QueryParameters {
    /// Read before the route is found, and never repeated to anybody.
    static let always: Set<String> = ["access_token"]

    /// The parameters of a request, but for these, as forms write them: `+` is a space.
    static func all(of request: Request) -> [(name: String, value: String)] {
        guard let query = request.uri.query else { return [] }
        return query.split(separator: "&").prefix(FieldReader.fieldLimit).compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                let text = part.replacing("+", with: " ")
                return text.removingPercentEncoding ?? String(text)
            }
            guard let name = parts.first, !name.isEmpty, !always.contains(name) else { return nil }
            return (name, parts.count > 1 ? parts[1] : "")
        }
    }
}
