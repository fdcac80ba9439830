import HTTPTypes
import HummingbirdTesting
import NIOCore
import Serving
import Testing

extension TestResponse {
    /// The body as text.
    var text: String { String(buffer: body) }

    /// The body as JSON.
    var json: JSONValue {
        get throws { try JSONValue(parsing: Array(body.readableBytesView)) }
    }

    /// The data of the events in the body; the last is a string if it is not JSON.
    var events: [JSONValue] {
        get throws {
            try text.split(separator: "\n\n").map { event in
                try #require(event.hasPrefix("data: "))
                let data = event.dropFirst(6)
                return data == "[DONE]" ? "[DONE]" : try JSONValue(parsing: Array(data.utf8))
            }
        }
    }

    /// Checks that this is a refusal in OpenAI's shape.
    func expectRefusal(
        _ status: HTTPResponse.Status = .badRequest,
        param: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(self.status == status, "\(text)", sourceLocation: sourceLocation)
        let error = try json["error"]
        #expect(error?["message"]?.string?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(error?["type"]?.string != nil, sourceLocation: sourceLocation)
        if let param { #expect(error?["param"] == .string(param), "\(text)", sourceLocation: sourceLocation) }
    }
}

extension JSONValue {
    /// The member called `name`.
    subscript(_ name: String) -> JSONValue? { members?[name] }

    /// The element at `index`.
    subscript(_ index: Int) -> JSONValue? {
        array.indices.contains(index) ? array[index] : nil
    }

    var array: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }
}
