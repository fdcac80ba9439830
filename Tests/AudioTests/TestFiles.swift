import Foundation
import TestProcess

/// A folder of its own for a test, removed in the end.
final class TestFiles {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    func write(_ bytes: [UInt8], to name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// A shell script that stands in for a program.
    ///
    /// Another process writes it: a descriptor of this one, inherited by a child that a test beside starts, would make
    /// the script busy.
    func script(_ text: String) throws -> String {
        let path = path("program-\(UUID().uuidString)")
        let arguments = ["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" > \"$2\"; chmod 700 \"$2\"", "sh", text, path]
        try TestProcess.run("/bin/sh", arguments)
        return path
    }
}
