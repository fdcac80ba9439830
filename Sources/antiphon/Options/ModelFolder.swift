import Foundation
import Settings

/// Finds the folder of models when no setting names one, so that the program works from any working directory.
enum ModelFolder {
    /// `sources`, and with them the folder beside the program when settings name none and the working directory has none.
    /// Files in the folder are checked before they are used, so it does not matter who put it there.
    static func found(for sources: SettingsSources) -> SettingsSources {
        var sources = sources
        guard sources.fallbacks.isEmpty, !isFolder("models"), let program = program,
            let folder = candidates(beside: program).first(where: isFolder)
        else { return sources }
        sources.fallbacks.append(.init("found beside the program", sets: "models.path", to: folder))
        return sources
    }

    /// Where models may be, best first, for the program at the path `program`, in which links are resolved: beside it, in
    /// `share/antiphon` of the prefix whose `bin` it lies in, and at the top of the tree whose `.build` it lies in.
    static func candidates(beside program: String) -> [String] {
        let folder = (program as NSString).deletingLastPathComponent
        var candidates = [(folder as NSString).appendingPathComponent("models")]
        let parts = (folder as NSString).pathComponents
        let above = NSString.path(withComponents: Array(parts.dropLast()))
        if parts.count > 1 { candidates.append((above as NSString).appendingPathComponent("share/antiphon/models")) }
        if let build = parts.lastIndex(of: ".build") {
            let tree = NSString.path(withComponents: Array(parts[..<build]))
            candidates.append((tree as NSString).appendingPathComponent("models"))
        }
        return candidates
    }

    /// The path of the program that runs, without links.
    private static var program: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
