import Audio
import Foundation

/// A sound file being written: it gets its name only when it is whole, so that a failure leaves nothing behind.
final class SoundFile {
    private let path: String?
    private let partialPath: String?
    private let handle: FileHandle
    private let format: AudioFormat
    private var encoder: AudioEncoder?
    private var converter: RateConverter?
    private(set) var duration: Duration = .zero

    /// The file at `path`, or standard output for nil or `-`. The format is `format`, else what the name says, else
    /// WAV. Throws `Problem`.
    init(path: String?, format: AudioFormat?) throws {
        self.path = path == "-" ? nil : path
        guard let path = self.path else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw Problem("Sound does not go to a terminal; name a file with -o, such as -o out.wav.", status: 2)
            }
            partialPath = nil
            handle = .standardOutput
            self.format = format ?? .wav
            return
        }
        let name = URL(fileURLWithPath: path).pathExtension
        guard let chosen = format ?? (name.isEmpty ? .wav : AudioFormat(name: name)) else {
            let known = AudioFormat.allCases.map(\.fileExtension).joined(separator: ", ")
            throw Problem("The kind of sound file “\(path)” is unknown; use one of \(known), or --format.", status: 2)
        }
        self.format = chosen
        let partialPath = path + ".part-\(getpid())"
        guard FileManager.default.createFile(atPath: partialPath, contents: nil),
            let handle = FileHandle(forWritingAtPath: partialPath)
        else {
            throw Problem("\(path) cannot be written: \(String(cString: strerror(errno))).", status: 2)
        }
        self.partialPath = partialPath
        self.handle = handle
    }

    /// Adds sound. The first decides the sample rate.
    func write(_ sound: PCM) throws {
        let encoder = try self.encoder ?? AudioEncoder(format: format, inputRate: sound.sampleRate)
        let converter = self.converter ?? RateConverter(to: sound.sampleRate, quality: .high)
        (self.encoder, self.converter) = (encoder, converter)
        try write(try converter.process(sound), with: encoder, at: converter.outputRate)
    }

    private func write(_ samples: [Float], with encoder: AudioEncoder, at rate: Int) throws {
        try handle.write(contentsOf: try encoder.encode(samples))
        duration += .samples(samples.count, at: rate)
    }

    /// Ends the file and gives it its name.
    func finish() throws {
        if let encoder, let converter {
            try write(converter.finish(), with: encoder, at: converter.outputRate)
            try handle.write(contentsOf: try encoder.finish())
        }
        if let path, let partialPath {
            if let header = encoder?.finalHeader {
                try handle.seek(toOffset: 0)
                try handle.write(contentsOf: header)
            }
            try handle.close()
            guard rename(partialPath, path) == 0 else {
                throw Problem("\(path) cannot be written: \(String(cString: strerror(errno))).", status: 2)
            }
        }
    }

    /// Removes what was written.
    func discard() {
        if let partialPath { unlink(partialPath) }
    }
}
