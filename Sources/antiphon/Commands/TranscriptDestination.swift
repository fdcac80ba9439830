import Foundation

/// Where the transcripts of some recordings are written.
enum TranscriptDestination: Equatable {
    /// All one after the other, to a file or, for nil, to standard output.
    case together(String?)
    /// Each to a file of its own, in the order of the recordings.
    case each([String])

    /// What `output` means for `recordings`: a folder gets a file for each, a file gets all that a file of `format` can
    /// hold. Without it subtitles of several recordings go beside them, and everything else to standard output.
    ///
    /// A file whose name was not given is not replaced unless that is `forced`, and a recording never. Throws `Problem`.
    init(of recordings: [String], output: String?, format: TranscriptFormat, forced: Bool) throws {
        guard recordings.count(where: { $0 == "-" }) <= 1 else {
            throw Problem("Standard input can be read only once.", status: Problem.usage)
        }
        let isSeveral = recordings.count > 1
        if let output, output != "-", !Self.isFolder(output) {
            guard !output.hasSuffix("/") else {
                throw Problem("There is no folder \(output); make it first.", status: Problem.usage)
            }
            guard !isSeveral || format.subtitles == nil else {
                throw Problem(
                    "Subtitles of several recordings need a file each; name a folder with -o.",
                    status: Problem.usage
                )
            }
            try Self.refuse(output, among: recordings)
            self = .together(output)
        } else if let output, output != "-" {
            self = .each(try Self.files(for: recordings, in: output, format, forced: forced))
        } else if output == nil, isSeveral, format.subtitles != nil {
            self = .each(try Self.files(for: recordings, in: nil, format, forced: forced))
        } else {
            guard !isSeveral || format.subtitles == nil else {
                throw Problem(
                    "Subtitles of several recordings cannot go to one output; name a folder with -o.",
                    status: Problem.usage
                )
            }
            self = .together(nil)
        }
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func files(
        for recordings: [String],
        in folder: String?,
        _ format: TranscriptFormat,
        forced: Bool
    ) throws -> [String] {
        var files: [String] = []
        var owners: [String: String] = [:]
        for recording in recordings {
            guard recording != "-" || folder != nil else {
                throw Problem("Standard input has no place beside it; name a folder with -o.", status: Problem.usage)
            }
            let place = URL(fileURLWithPath: recording == "-" ? "stdin" : recording)
            let name = place.deletingPathExtension().lastPathComponent + "." + format.fileExtension
            // A name stays as relative as it was given.
            let beside = (recording as NSString).deletingLastPathComponent
            let parent = folder ?? beside
            let file = parent.isEmpty ? name : (parent as NSString).appendingPathComponent(name)
            if let other = owners.updateValue(recording, forKey: whole(file)) {
                throw Problem(
                    "\(other) and \(recording) would both be written to \(file); transcribe them one by one with -o.",
                    status: Problem.usage
                )
            }
            try refuse(file, among: recordings)
            guard forced || !FileManager.default.fileExists(atPath: file) else {
                throw Problem(
                    "\(file) is there already; --force replaces it, -o names another folder.",
                    status: Problem.usage
                )
            }
            files.append(file)
        }
        return files
    }

    private static func refuse(_ file: String, among recordings: [String]) throws {
        guard !recordings.contains(where: { $0 != "-" && whole($0) == whole(file) }) else {
            throw Problem("\(file) is one of the recordings; name another file with -o.", status: Problem.usage)
        }
    }

    /// One name for all the names of a file.
    private static func whole(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
