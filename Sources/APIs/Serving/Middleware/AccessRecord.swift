import HTTPTypes
import Hummingbird
import Logging
import Synchronization
import struct Telemetry.RequestID

/// What middleware finds out about a request on its way in, for the record at its end.
final class RequestFacts: Sendable {
    private let values = Mutex<(address: String, key: String?)>(("", nil))

    /// The IP address of the client.
    var clientAddress: String {
        get { values.withLock { $0.address } }
        set { values.withLock { $0.address = newValue } }
    }

    /// The name of the key or token that was shown.
    var keyName: String? {
        get { values.withLock { $0.key } }
        set { values.withLock { $0.key = newValue } }
    }
}

/// Writes the record of one request, once: when its answer is written, or when nobody holds it any more.
final class AccessRecord: Sendable {
    private let logger: Logger
    private let fields: Logger.Metadata
    private let context: ServingContext
    private let bytes = Atomic(0)
    private let isWritten = Atomic(false)

    init(_ request: Request, context: ServingContext, status: HTTPResponse.Status, logger: Logger) {
        self.logger = logger
        self.context = context
        var fields: Logger.Metadata = [
            "method": "\(request.method)", "path": "\(request.uri.path)", "status": .stringConvertible(status.code),
            "client": "\(context.facts.clientAddress)", "request_id": "\(context.requestID)",
        ]
        if let key = context.facts.keyName { fields["key"] = "\(key)" }
        self.fields = fields
    }

    // A body that is never written, such as that of an answer to HEAD, ends like this.
    deinit { finish() }

    /// The body, whose end is that of the request.
    func following(_ body: ResponseBody) -> ResponseBody {
        ResponseBody(contentLength: body.contentLength) { writer in
            defer { self.finish() }
            try await body.write(
                writer.map { buffer in
                    self.count(buffer.readableBytes)
                    return buffer
                }
            )
        }
    }

    private func count(_ count: Int) {
        bytes.add(count, ordering: .relaxed)
    }

    private func finish() {
        guard !isWritten.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var fields = fields
        fields["bytes"] = .stringConvertible(bytes.load(ordering: .relaxed))
        fields["ms"] = .stringConvertible((context.elapsed * 10_000).rounded() / 10)
        logger.info("access", metadata: fields)
    }
}
