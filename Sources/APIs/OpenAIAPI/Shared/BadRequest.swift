import Audio
import HTTPTypes
import Hummingbird
import Serving

/// Does `work` so that a fault in a request is answered with 400, as OpenAI's clients expect, and not with 422.
func asOpenAI(_ work: () async throws -> Response) async throws -> Response {
    do {
        return try await work()
    } catch let error as CancellationError {
        throw error
    } catch {
        var failure = APIFailure(error)
        guard failure.status == .unprocessableContent else { throw error }
        failure.status = .badRequest
        throw failure
    }
}

extension APIFailure {
    /// A request whose field `name` is at fault.
    static func badField(_ name: String, _ message: String) -> APIFailure {
        var failure = APIFailure(.badRequest, .validationFailed, message)
        failure.issues = [Issue(["body", name], "value_error", message)]
        return failure
    }

    /// The recording in the field `name` cannot be decoded. What is the recording's fault is that of the field; that it is
    /// too large, or that there is no room for it here, has a status of its own.
    static func undecodable(_ error: AudioError, in name: String) -> APIFailure {
        let failure = APIFailure(error)
        let isRecording = failure.status == .badRequest || failure.status == .unsupportedMediaType
        return isRecording ? .badField(name, error.description) : failure
    }
}

extension FieldReader {
    /// The name of a model. Which one is all the same here: clients send the names of models that are long retired.
    mutating func model() -> String {
        guard value("model") != nil else {
            return fault("model", "missing", "The name of a model is required.") ?? ""
        }
        return string("model", length: 1...200) ?? ""
    }

    /// Notes a fault of a field.
    mutating func note(_ name: String, _ message: String) {
        let _: Void? = fault(name, "value_error", message)
    }
}
