public import Hummingbird
import HTTPTypes
import NIOCore

/// The JavaScript modules of pages, by the names that they import each other by.
public struct PageModules: Sendable {
    private let modules: [String: [UInt8]]

    /// The modules of these names, such as `page.js`.
    public init(_ modules: [String: [UInt8]]) {
        self.modules = modules
    }

    /// The module of a name, as an answer. Throws `APIFailure` (404) when there is none.
    public func response(_ name: String) throws(APIFailure) -> Response {
        guard let module = modules[name] else {
            throw APIFailure(.notFound, .notFound, "The pages have no module of this name.")
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/javascript; charset=utf-8", .contentLength: String(module.count),
                .xContentTypeOptions: "nosniff", .cacheControl: "no-cache",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: module))
        )
    }
}
