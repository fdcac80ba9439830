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
    }

    /// The text fields in their order.
    public var fields: [Field] = []
    /// The files in their order.
    public var files: [File] = []

    /// An empty form.
    public init() {}

    /// The files of the field called `name`.
    public func files(_ name: String) -> [File] {
        files.filter { $0.name == name }
    }

    /// The texts of all fields called `name`, in their order, such as a list's.
    public func values(_ name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }
}
