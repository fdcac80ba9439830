import Foundation
@testable import Settings

/// A folder for one test, removed with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ text: String, to name: String = "antiphon.yaml") throws -> String {
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }

    func read(_ name: String = "antiphon.yaml") throws -> String {
        try String(contentsOfFile: file(name), encoding: .utf8)
    }

    /// Sources of which only the files are in this folder.
    var sources: SettingsSources {
        var sources = SettingsSources()
        sources.file = file("antiphon.yaml")
        sources.dotEnv = file(".env")
        return sources
    }

    /// `text` with the paths of this folder made relative.
    func relative(_ text: String) -> String { text.replacingOccurrences(of: path + "/", with: "") }

    /// What is wrong with `sources`, a line for each problem.
    func problems(_ sources: SettingsSources) -> [String] {
        do {
            _ = try Settings.load(from: sources)
            return []
        } catch {
            return relative(error.description).components(separatedBy: "\n")
        }
    }

    /// What is wrong with a settings file.
    func problems(_ yaml: String) throws -> [String] {
        try write(yaml)
        return problems(sources)
    }

    func load(_ yaml: String) throws -> LoadedSettings {
        try write(yaml)
        return try Settings.load(from: sources)
    }
}
