internal import Foundation

/// Reads files of settings, which are text of at most a megabyte.
enum TextFile {
    /// The text of the file at `path`; nil when there is none. Throws when it is too large or no UTF-8.
    static func read(_ path: String) throws(SettingMistake) -> String? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let data: Data
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            data = try file.read(upToCount: YAMLDocument.largest + 1) ?? Data()
        } catch {
            throw SettingMistake("\(path) cannot be read; check that it is a file and that its permissions allow it")
        }
        guard data.count <= YAMLDocument.largest else { throw SettingMistake("\(path) is larger than 1 MiB") }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw SettingMistake("\(path) is not UTF-8 text")
        }
        return text
    }
}
