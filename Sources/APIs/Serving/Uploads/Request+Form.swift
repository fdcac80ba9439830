import HTTPTypes
public import Hummingbird
import NIOCore
import Settings

extension Request {
    /// The most fields and files of a form.
    static let formPartLimit = 200
    /// The most bytes of a form's text field.
    static let formFieldLimit = 1 << 20

    /// The body as a form; no body at all is a form without fields. Throws `APIFailure`: 415 for another kind of body, 400 for a malformed one, 413 for one that
    /// is too large, 408 for one that comes too slowly, 503 when there is no room for it now.
    public func form(context: ServingContext, parts: ServerParts) async throws -> UploadedForm {
        try requirePlainBody()
        guard let type = headers[.contentType], let boundary = Self.boundary(of: type) else {
            guard try await hasNoBody() else {
                throw APIFailure(
                    .unsupportedMediaType,
                    .unsupportedFormat,
                    "The body must be multipart/form-data with a boundary."
                )
            }
            return UploadedForm()
        }
        guard var parser = MultipartParser(boundary: boundary) else {
            throw APIFailure(.badRequest, .validationFailed, "The boundary of the form is too long or empty.")
        }
        let settings = parts.settings.current
        let limit = settings.http.maxUploadBytes
        if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw Self.tooLarge(limit) }
        let room = parts.uploads.share()
        var form = FormBuilder(room: room)
        let deadline = ContinuousClock.now + settings.http.requestTimeout
        for try await buffer in body {
            try room.take(buffer.readableBytes)
            guard room.taken <= limit else { throw Self.tooLarge(limit) }
            guard ContinuousClock.now < deadline else { throw Self.tooSlow }
            do {
                for event in try parser.append(buffer.readableBytesView) { try form.take(event) }
            } catch let error as MultipartParser.Malformed {
                throw APIFailure(.badRequest, .validationFailed, "The form is malformed: \(error.reason).")
            }
        }
        guard room.taken > 0 else { return UploadedForm() }
        guard parser.isComplete else {
            throw APIFailure(.badRequest, .validationFailed, "The form breaks off before its last boundary.")
        }
        return form.finish()
    }

    /// Whether there is nothing in the body. Of a body with something in it, no more than the beginning is read.
    private func hasNoBody() async throws -> Bool {
        if let length = headers[.contentLength].flatMap(Int.init) { return length == 0 }
        for try await buffer in body where buffer.readableBytes > 0 { return false }
        return true
    }

    /// The body as bytes. Throws `APIFailure` (413, 408, and 503 when there is no room for it in `budget` now).
    public func bytes(
        limit: Int,
        timeout: Duration = .seconds(60),
        budget: ByteBudget? = nil
    ) async throws -> [UInt8] {
        try requirePlainBody()
        if let length = headers[.contentLength].flatMap(Int.init), length > limit { throw Self.tooLarge(limit) }
        let room = budget?.share()
        defer { withExtendedLifetime(room) {} }
        let deadline = ContinuousClock.now + timeout
        var bytes: [UInt8] = []
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else { throw Self.tooLarge(limit) }
            try room?.take(buffer.readableBytes)
            guard ContinuousClock.now < deadline else { throw Self.tooSlow }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// Checks that the body says it is JSON, or says nothing. Throws `APIFailure` (415).
    public func requireJSON() throws(APIFailure) {
        guard let type = headers[.contentType] else { return }
        let essence = type.prefix { $0 != ";" }.trimmingWhitespace.lowercased()
        guard essence == "application/json" || essence.hasSuffix("+json") else {
            throw APIFailure(.unsupportedMediaType, .unsupportedFormat, "The body must be application/json.")
        }
    }

    /// Checks that the body is sent as it is. Throws `APIFailure` (415).
    private func requirePlainBody() throws(APIFailure) {
        guard let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" else { return }
        throw APIFailure(
            .unsupportedMediaType,
            .unsupportedFormat,
            "The body is encoded as \(encoding.prefix(40)); send it without a Content-Encoding."
        )
    }

    private static func tooLarge(_ limit: Int) -> APIFailure {
        APIFailure(.contentTooLarge, .tooLarge, "The body is larger than the \(limit) bytes allowed.")
    }

    private static var tooSlow: APIFailure {
        APIFailure(.requestTimeout, .timedOut, "The body took too long to arrive.")
    }

    /// The boundary in a content type of `multipart/form-data`.
    static func boundary(of contentType: String) -> String? {
        let parts = contentType.split(separator: ";")
        guard parts.first?.trimmingWhitespace.lowercased() == "multipart/form-data" else { return nil }
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmingWhitespace.lowercased() == "boundary" else { continue }
            let value = pair[1].trimmingWhitespace
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 2
                ? String(value.dropFirst().dropLast()) : value
        }
        return nil
    }
}

extension Substring {
    /// The text without white space at either end.
    var trimmingWhitespace: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// Collects the parts of a form.
private struct FormBuilder {
    private enum Part {
        case field(String, [UInt8])
        case file(UploadedForm.File)
    }

    private let room: ByteBudget.Share
    private var form = UploadedForm()
    private var current: Part?

    init(room: ByteBudget.Share) {
        self.room = room
    }

    mutating func take(_ event: MultipartParser.Event) throws(APIFailure) {
        switch event {
        case .part(let name, let filename, let contentType):
            close()
            guard form.fields.count + form.files.count < Request.formPartLimit else {
                throw APIFailure(.contentTooLarge, .tooLarge, "The form has more than \(Request.formPartLimit) parts.")
            }
            current =
                filename.map { filename in
                    .file(.init(name: name, filename: filename, contentType: contentType, bytes: [], room: room))
                }
                ?? .field(name, [])
        case .data(let bytes):
            switch current.take() {
            case .field(let name, var value):
                value += bytes
                guard value.count <= Request.formFieldLimit else {
                    throw APIFailure(.contentTooLarge, .tooLarge, "The field \(name.prefix(80)) is too long.")
                }
                current = .field(name, value)
            case .file(var file):
                file.bytes += bytes
                current = .file(file)
            case nil:
                break
            }
        case .end:
            close()
        }
    }

    private mutating func close() {
        switch current.take() {
        case .field(let name, let value):
            form.fields.append(.init(name: name, value: String(decoding: value, as: UTF8.self)))
        case .file(let file):
            form.files.append(file)
        case nil:
            break
        }
    }

    mutating func finish() -> UploadedForm {
        close()
        return form
    }
}
