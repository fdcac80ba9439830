/// What a client sent as `multipart/form-data`.
public struct UploadedForm: Sendable {
    /// A field with a text.
    public struct Field: Sendable, Equatable {
        /// The field's name.
        public var name: String
        /// Its text.
        public var value: String
    }

    /// A field with a file. Its room in memory stays taken as long as it is kept.
    public struct File: Sendable {
        /// The field's name.
        public var name: String
        /// The file's name on the client's machine; never used as a path.
        public var filename: String
        /// The media type the client gave it.
        public var contentType: String?
        /// The contents.
        public var bytes: [UInt8]
        /// The room that the form has taken.
        let room: ByteBudget.Share?

        /// A file that did not come in a form. Throws `APIFailure` (503) when `budget` has no room for it.
        public init(name: String, bytes: [UInt8], budget: ByteBudget) throws(APIFailure) {
            let room = budget.share()
            try room.take(bytes.count)
            self.init(name: name, filename: "", contentType: nil, bytes: bytes, room: room)
        }

        init(name: String, filename: String, contentType: String?, bytes: [UInt8], room: ByteBudget.Share?) {
            self.name = name
            self.filename = filename
            self.contentType = contentType
            self.bytes = bytes
            self.room = room
        }
    }

    /// The text fields in their order.
    public var fields: [Field] = []
    /// The files in their order.
    public var files: [File] = []

    /// An empty form.
    public init() {}

    /// Why there is not the one file that is wanted: the kind of fault in one word, and a sentence.
    public struct FileFault: Error, Sendable {
        /// Such as `missing`.
        public let kind: String
        /// One sentence that says what to do.
        public let message: String
    }

    /// The only file of the form, which is that of the field called `name`. Throws `FileFault` when there is none, and when
    /// there are others beside it, of which nobody would take notice.
    public func onlyFile(_ name: String) throws(FileFault) -> File {
        let named = files.filter { FieldReader.withoutIndex($0.name) == name }
        guard let file = named.first else {
            if fields.contains(where: { FieldReader.withoutIndex($0.name) == name }) {
                throw FileFault(
                    kind: "value_error",
                    message: "A file is expected, not a text; send it with a file name."
                )
            }
            let other = files.first.map { "; a file was sent as \($0.name.prefix(40)), send it as \(name)" } ?? ""
            throw FileFault(kind: "missing", message: "The field is required\(other).")
        }
        guard files.count == 1 else {
            throw FileFault(
                kind: "value_error",
                message: "One file is expected, but \(files.count) were sent; send one in each request."
            )
        }
        return file
    }
}
