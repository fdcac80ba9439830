import Audio
import Foundation
import Settings

/// A sound file being written; see ``OutputFile`` for when it gets its name.
final class SoundFile {
    private let output: OutputFile
    private let format: AudioFormat
    private let sampleRate: Int?
    private var encoder: AudioEncoder?
    private var converter: RateConverter?
    private(set) var duration: Duration = .zero

    /// The file at `path`, or standard output for nil or `-`. The format is `format`, else what the name says, else that
    /// of the settings, whose sample rate counts as well. Throws `Problem`.
    init(path: String?, format: AudioFormat?, settings: Settings) throws {
        let usual = AudioFormat(name: settings.speech.format) ?? .wav
        sampleRate = settings.speech.sampleRate == 0 ? nil : settings.speech.sampleRate
        guard let path, path != "-" else {
            guard isatty(STDOUT_FILENO) == 0 else {
                throw Problem("Sound does not go to a terminal; name a file with -o, such as -o out.wav.", status: 2)
            }
            output = .standardOutput
            self.format = format ?? usual
            return
        }
        let name = URL(fileURLWithPath: path).pathExtension
        guard let chosen = format ?? (name.isEmpty ? usual : AudioFormat(name: name)) else {
            let known = AudioFormat.allCases.map(\.fileExtension).joined(separator: ", ")
            throw Problem("The kind of sound file “\(path)” is unknown; use one of \(known), or --format.", status: 2)
        }
        self.format = chosen
        output = try OutputFile(path: path)
    }

    /// Adds sound. The first decides the sample rate.
    func write(_ sound: PCM) throws {
        let encoder =
            try self.encoder ?? AudioEncoder(format: format, inputRate: sound.sampleRate, sampleRate: sampleRate)
        let converter = self.converter ?? RateConverter(to: sound.sampleRate, quality: .high)
        (self.encoder, self.converter) = (encoder, converter)
        try write(try converter.process(sound), with: encoder, at: converter.outputRate)
    }

    private func write(_ samples: [Float], with encoder: AudioEncoder, at rate: Int) throws {
        try output.write(try encoder.encode(samples))
        duration += .samples(samples.count, at: rate)
    }

    /// Ends the file and gives it its name.
    func finish() throws {
        if let encoder, let converter {
            try write(converter.finish(), with: encoder, at: converter.outputRate)
            try output.write(try encoder.finish())
        }
        if let header = encoder?.finalHeader { try output.rewrite(beginning: header) }
        try output.finish()
    }
}
