public import Audio
public import Foundation

/// A recorded session, read from its folder; also one whose writer was killed.
public struct Recording: Sendable {
    /// What it says of itself.
    public let header: RecordingHeader
    /// What the user said.
    public let user: PCM
    /// When answers were being played, on the clock of the user's samples.
    public let answers: [Range<Duration>]

    /// The recording in a folder. Blocks. Throws `RecordingError`.
    public init(folder: String) throws(RecordingError) {
        let folder = URL(fileURLWithPath: folder, isDirectory: true)
        let file = folder.appendingPathComponent(RecordingFile.header)
        guard FileManager.default.fileExists(atPath: file.path) else { throw .missing(path: folder.path) }
        do {
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            header = try decoder.decode(RecordingHeader.self, from: Data(contentsOf: file))
        } catch {
            throw .unreadable(path: file.path, reason: "it is not the header of a recording")
        }
        guard header.version == RecordingHeader.currentVersion else {
            throw .unreadable(path: file.path, reason: "it is of version \(header.version), which is not known here")
        }
        let sound = folder.appendingPathComponent(RecordingFile.user).path
        do {
            user = try AudioDecoder.decode(file: sound)
        } catch AudioError.empty {
            user = PCM([], sampleRate: header.userRate)
        } catch {
            throw .unreadable(path: sound, reason: (error as? AudioError)?.description ?? "it is no sound")
        }
        answers = try Self.answers(in: folder.appendingPathComponent(RecordingFile.events))
    }

    /// Deletes the recordings within `folder` that were last written before `date`, and returns how many. Blocks. Only folders
    /// with the header of a recording are touched.
    public static func prune(folder: String, olderThan date: Date) -> Int {
        let files = FileManager.default
        let names = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { name in
            let path = folder + "/" + name
            guard files.fileExists(atPath: path + "/" + RecordingFile.header),
                let attributes = try? files.attributesOfItem(atPath: path + "/" + RecordingFile.events),
                let written = attributes[.modificationDate] as? Date, written < date
            else { return false }
            return (try? files.removeItem(atPath: path)) != nil
        }
    }

    /// A line of the events.
    private struct Line: Decodable {
        var type: String
        var user_ms: Double
        var turn: Int?
    }

    private static func answers(in file: URL) throws(RecordingError) -> [Range<Duration>] {
        guard let data = FileManager.default.contents(atPath: file.path) else {
            throw .unreadable(path: file.path, reason: "it is not there")
        }
        var answers: [Range<Duration>] = []
        var start: (turn: Int, at: Double)?
        let decoder = JSONDecoder()
        for line in data.split(separator: UInt8(ascii: "\n")) {
            // The last line of a recording that was killed may be half a line.
            guard let line = try? decoder.decode(Line.self, from: line) else { continue }
            switch line.type {
            case "speaking_started": start = line.turn.map { ($0, line.user_ms) }
            case "turn_ended":
                if let begun = start, begun.turn == line.turn, line.user_ms > begun.at {
                    answers.append(.milliseconds(begun.at) ..< .milliseconds(line.user_ms))
                }
                start = nil
            default: break
            }
        }
        return answers
    }
}
