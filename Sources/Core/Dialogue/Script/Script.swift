import Foundation

/// What a scripted assistant understands and says, as read from a YAML file.
public struct Script: Sendable {
    /// Something the assistant understands.
    struct Intent: Sendable {
        var id: String
        var phrases: [ScriptPhrase]
        var action: ScriptAction?
        var replies: [String]
        /// What this intent lets the user do, as in "I can …"; nil to keep it out of the list.
        var ability: String?
    }

    /// What the assistant calls itself.
    public internal(set) var name: String
    var intents: [Intent]
    /// What is said when nothing matches.
    var fallback: [String]
    /// What is said when nothing was heard.
    var empty: [String]

    /// The largest file, in bytes.
    public static let maximumSize = 1_000_000

    /// The assistant that comes with the server.
    ///
    /// Throws `ScriptError` if it was built with a mistake in it.
    public static func bundled() throws(ScriptError) -> Script {
        try Script(bytes: PackageResources.assistant_yaml, file: "assistant.yaml")
    }

    /// Reads the file at `path`, at most `maximumSize` bytes.
    ///
    /// Throws `ScriptError` if it cannot be read or has a mistake.
    public init(contentsOf path: String) throws(ScriptError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ScriptError(file: path, message: "the file cannot be opened; check that it exists and may be read")
        }
        let data: Data?
        do {
            // One byte more than allowed tells a file that is too large without reading all of it.
            data = try file.read(upToCount: Self.maximumSize + 1)
            try file.close()
        } catch {
            throw ScriptError(file: path, message: "the file cannot be read: \(error.localizedDescription)")
        }
        try self.init(bytes: Array(data ?? Data()), file: path)
    }

    /// Reads the YAML text `bytes`; `file` is named in errors.
    ///
    /// Throws `ScriptError` at the first mistake.
    public init(bytes: [UInt8], file: String) throws(ScriptError) {
        guard bytes.count <= Self.maximumSize else {
            throw ScriptError(file: file, message: "a script may have at most \(Self.maximumSize) bytes")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ScriptError(file: file, message: "the file is not UTF-8 text")
        }
        self = try ScriptReader(file: file).read(text)
    }

    init(name: String, intents: [Intent], fallback: [String], empty: [String]) {
        self.name = name
        self.intents = intents
        self.fallback = fallback
        self.empty = empty
    }
}
