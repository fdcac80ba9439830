import Foundation
import Hummingbird
import Serving
import Telemetry

extension ServingContext {
    /// An answer that is an object: `facts` at the top, and `facts` with `more` under `data`.
    ///
    /// `status` becomes `success` unless it is one of the facts.
    func answer(_ facts: [String: JSONValue], more: [String: JSONValue] = [:]) -> Response {
        var body = facts
        body["data"] = .object(facts.merging(more) { _, new in new })
        body["metadata"] = metadata
        if body["status"] == nil { body["status"] = "success" }
        return Response(json: .object(body))
    }

    /// An answer that is a list: bare, or as an object with `envelope` under `data` if the request asks for that. Throws
    /// `APIFailure` (422) if it asks for another form.
    func answer(
        _ list: [JSONValue],
        to request: Request,
        envelope: @autoclosure () -> [String: JSONValue]
    ) throws(APIFailure) -> Response {
        guard let format = request.uri.queryParameters["format"], !format.isEmpty, format != "list" else {
            return Response(json: .array(list))
        }
        guard format.lowercased() == "envelope" else {
            throw .invalid(
                .init(
                    ["query", "format"],
                    "literal_error",
                    "One of 'list', 'envelope' is expected.",
                    input: .string(String(format.prefix(80))),
                    context: ["expected": "'list', 'envelope'"]
                )
            )
        }
        return Response(json: ["status": "success", "data": .object(envelope()), "metadata": metadata])
    }

    /// An answer made of the bytes of an object, to which the metadata of this request are added.
    func answer(prepared object: [UInt8], timestamp: String) -> Response {
        var bytes = object
        // The closing brace makes room for one more member.
        bytes.removeLast()
        bytes += ",\"metadata\":".utf8
        bytes += metadata(timestamp: timestamp).bytes
        bytes.append(UInt8(ascii: "}"))
        return Response(jsonBytes: bytes)
    }

    private var metadata: JSONValue { metadata(timestamp: Date.now.ISO8601Format()) }

    private func metadata(timestamp: String) -> JSONValue {
        [
            "request_id": .string(requestID.short), "processing_time": .number(elapsed.rounded(places: 6)),
            "timestamp": .string(timestamp),
        ]
    }
}

extension Double {
    /// This number with so many digits behind the point.
    func rounded(places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { power, _ in power * 10 }
        return (self * factor).rounded() / factor
    }
}

extension JSONValue {
    /// The text, or `null`.
    init(_ text: String?) { self = text.map { .string($0) } ?? .null }
    /// The number, or `null`.
    init(_ number: Int?) { self = number.map { .number(Double($0)) } ?? .null }
    /// The texts.
    init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
