import Audio
import Foundation

/// Writes the files of one recording. Everything blocks: to be used on a thread for that.
///
/// Sound leaves the encoders with each of their frames, and an event is a line of its own, so that a recording whose
/// writer was killed can be read up to about a quarter of a second before that.
final class RecordingWriter {
    private let events: FileHandle
    private let user: SoundSide
    private let answer: SoundSide
    private var timeline: RecordingTimeline
    private let folder: URL

    /// Makes the folder and its files. Throws `RecordingError`.
    init(_ header: RecordingHeader, in parent: String, limit: Duration) throws(RecordingError) {
        guard Self.isName(header.session) else { throw .badName(header.session) }
        folder = URL(fileURLWithPath: parent, isDirectory: true).appendingPathComponent(header.session)
        timeline = RecordingTimeline(userRate: header.userRate, answerRate: header.answerRate, limit: limit)
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let encoder = JSONEncoder()
            encoder.dateEncodingStrategy = .iso8601
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(header).write(to: folder.appendingPathComponent(RecordingFile.header))
            events = try Self.create(RecordingFile.events, in: folder)
            user = try SoundSide(Self.create(RecordingFile.user, in: folder), rate: header.userRate)
            answer = try SoundSide(Self.create(RecordingFile.answer, in: folder), rate: header.answerRate)
        } catch {
            throw .unwritable(path: folder.path, reason: Self.reason(of: error))
        }
    }

    /// Whether a session's identifier can name a folder.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 128
            && text.utf8.allSatisfy { byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
    }

    private static func create(_ name: String, in folder: URL) throws -> FileHandle {
        let path = folder.appendingPathComponent(name).path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func reason(of error: any Error) -> String {
        switch error {
        case let error as POSIXError: String(cString: strerror(error.code.rawValue))
        case let error as AudioError: error.description
        default: (error as NSError).localizedDescription
        }
    }

    /// The user said this, at any rate.
    func heard(_ sound: PCM) throws {
        let samples = try user.samples(of: sound)
        try user.write(Array(samples.prefix(timeline.heard(samples.count))))
    }

    /// This piece of an answer was handed to the listener, at any rate.
    func spoke(_ sound: PCM) throws {
        let samples = try answer.samples(of: sound)
        let place = timeline.spoke(samples.count)
        try answer.writeSilence(place.silence)
        try answer.write(Array(samples.prefix(place.samples)))
    }

    /// This happened: the members of a JSON object, and when, since the recording began.
    func happened(_ members: String, at time: Duration) throws {
        let heard = timeline.userPosition.milliseconds
        let line = "{\"at_ms\":\(Self.tenths(time.milliseconds)),\"user_ms\":\(Self.tenths(heard)),\(members)}\n"
        try events.write(contentsOf: Data(line.utf8))
    }

    private static func tenths(_ milliseconds: Double) -> Double { (milliseconds * 10).rounded() / 10 }

    /// Writes what the encoders still hold, and waits until the disk has everything.
    func finish() throws {
        try user.finish()
        try answer.finish()
        try events.synchronize()
    }
}

/// One of the two sound files.
private final class SoundSide {
    private let file: FileHandle
    private let encoder: AudioEncoder
    private let converter: RateConverter

    init(_ file: FileHandle, rate: Int) throws {
        self.file = file
        encoder = try AudioEncoder(format: .flac, inputRate: rate, sampleRate: rate)
        converter = RateConverter(to: rate)
        // The header leaves at once, so that a file in which nobody spoke can be read too.
        try write([])
    }

    func samples(of sound: PCM) throws(AudioError) -> [Float] { try converter.process(sound) }

    func write(_ samples: [Float]) throws {
        let bytes = try encoder.encode(samples)
        if !bytes.isEmpty { try file.write(contentsOf: Data(bytes)) }
    }

    /// Writes silence a second at a time.
    func writeSilence(_ count: Int) throws {
        let second = [Float](repeating: 0, count: encoder.sampleRate)
        var rest = count
        while rest > 0 {
            try write(Array(second.prefix(rest)))
            rest -= second.count
        }
    }

    func finish() throws {
        try write(converter.finish())
        try file.write(contentsOf: Data(encoder.finish()))
        if let header = encoder.finalHeader {
            try file.seek(toOffset: 0)
            try file.write(contentsOf: Data(header))
        }
        try file.synchronize()
    }
}
