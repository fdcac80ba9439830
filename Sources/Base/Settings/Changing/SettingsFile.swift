internal import Foundation

/// A settings file that is changed without losing its comments.
public struct SettingsFile: Sendable {
    /// Where it is.
    public let path: String

    /// The file at `path`, which need not exist.
    public init(path: String) {
        self.path = path
    }

    /// Writes `changes` into the file: values by path, where the value of a section is an object of values. The rest of the
    /// text stays as it is. Without a file, one is made that only its owner may read.
    ///
    /// The file is exchanged in one step. Throws and leaves it untouched when a key is unknown, a value not allowed, the file
    /// is no valid YAML or one of another program, the change cannot be made in the text, or writing fails.
    public func save(changes: [String: SettingValue]) throws(SettingsError) {
        let changes = try Settings.written(changes)
        guard !changes.isEmpty else { return }
        // A link stays a link: the file it leads to is exchanged.
        let target = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        var key: String?
        do throws(SettingMistake) {
            var editor = YAMLEditor(text: try TextFile.read(target) ?? "", name: path)
            try editor.check()
            for change in changes {
                key = change.path
                try editor.set(change.path.split(separator: ".").map(String.init), to: change.value)
            }
            key = nil
            try Self.exchange(target, for: editor.text)
        } catch {
            throw SettingsError(
                SettingsProblem(
                    origin: error.origin,
                    key: key,
                    message: error.message + "; the file is unchanged"
                )
            )
        }
    }

    private static func exchange(_ path: String, for text: String) throws(SettingMistake) {
        let url = URL(filePath: path)
        let temporary = url.deletingLastPathComponent()
            .appending(path: ".\(url.lastPathComponent).\(UUID().uuidString)").path(percentEncoded: false)
        let permissions = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        // There may be keys in it: nobody else can read it at any moment.
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SettingMistake("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try file.write(contentsOf: Data(text.utf8))
            try file.synchronize()
            if let permissions { fchmod(descriptor, mode_t(truncatingIfNeeded: permissions.intValue)) }
            try file.close()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            unlink(temporary)
            throw SettingMistake("\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
