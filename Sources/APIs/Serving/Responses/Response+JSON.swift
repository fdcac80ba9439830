public import HTTPTypes
public import Hummingbird
import NIOCore

extension Response {
    /// An answer with a JSON body.
    public init(json value: JSONValue, status: HTTPResponse.Status = .ok) {
        self.init(jsonBytes: value.bytes, status: status)
    }

    /// An answer with a body that is JSON already.
    public init(jsonBytes bytes: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json", .contentLength: String(bytes.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// An answer with a text body of the given media type.
    public init(text: String, contentType: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: contentType, .contentLength: String(text.utf8.count)],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
