import Hummingbird
import Logging
import NIOCore
import struct Telemetry.RequestID

/// Notes failures that come when the status of an answer is out already.
public struct LateFailures: Sendable {
    /// Those of the answer that this task writes.
    @TaskLocal public static var current: LateFailures?

    private let logger: Logger
    private let route: String

    init(logger: Logger, route: String) {
        self.logger = logger
        self.route = route
    }

    /// Notes `error`, unless it means only that the client has gone away.
    public func note(_ error: any Error) {
        switch error {
        case is CancellationError, is ChannelError, is IOError, is NIOAsyncWriterError: return
        default:
            let failure = APIFailure(error)
            logger.warning(
                "answer broke off",
                metadata: ["route": "\(route)", "error": "\(failure.logText)"]
            )
        }
    }

    /// The body with its failures noted, under the id of its request.
    func following(_ body: ResponseBody, of requestID: RequestID) -> ResponseBody {
        // What is there already cannot fail.
        guard body.contentLength == nil else { return body }
        return ResponseBody { writer in
            let writer = writer
            try await Self.$current.withValue(self) {
                try await RequestID.$current.withValue(requestID) {
                    do {
                        try await body.write(writer)
                    } catch {
                        note(error)
                        throw error
                    }
                }
            }
        }
    }
}
