import Audio
import CSpeechEngines

/// A loaded Moonshine transcriber. Not safe for threads: results lie in its memory until the next call.
final class MoonshineModel {
    static let files = ModelCatalog.moonshine

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let handle: Int32
    private let transcribe: moonshine_transcribe_without_streaming_fn
    private let free: moonshine_free_transcriber_fn
    private let describe: moonshine_error_to_string_fn

    init(_ models: ModelStore) throws {
        try models.verify(Self.files)
        let library = try DynamicLibrary(models.path(ModelCatalog.moonshineLibrary))
        let version: moonshine_get_version_fn = try library.function("moonshine_get_version")
        guard version() == ANTIPHON_MOONSHINE_INTERFACE else {
            throw Failure(description: "its interface is \(version()), not \(ANTIPHON_MOONSHINE_INTERFACE).")
        }
        describe = try library.function("moonshine_error_to_string")
        transcribe = try library.function("moonshine_transcribe_without_streaming")
        free = try library.function("moonshine_free_transcriber")
        let load: moonshine_load_transcriber_from_files_fn = try library.function(
            "moonshine_load_transcriber_from_files"
        )

        let folder = models.path(ModelCatalog.moonshineEncoder).split(separator: "/").dropLast()
        // Utterances come already cut out of the stream, so the model's own voice detector is switched off.
        let handle = "/\(folder.joined(separator: "/"))".withCString { path in
            "vad_threshold".withCString { name in
                "0.0".withCString { value in
                    withUnsafePointer(to: moonshine_option(name: name, value: value)) {
                        load(path, ANTIPHON_MOONSHINE_TINY, $0, 1, ANTIPHON_MOONSHINE_INTERFACE)
                    }
                }
            }
        }
        guard handle >= 0 else { throw Failure(description: Self.message(handle, describe)) }
        self.handle = handle
    }

    deinit { free(handle) }

    /// Transcribes sound of 16 kHz.
    func transcribe(_ sound: PCM) throws -> Transcript {
        var result: UnsafeMutablePointer<moonshine_transcript>?
        let status = sound.samples.withUnsafeBufferPointer {
            transcribe(handle, $0.baseAddress, UInt64($0.count), Int32(sound.sampleRate), 0, &result)
        }
        guard status == 0, let lines = result?.pointee else {
            throw Failure(description: Self.message(status, describe))
        }
        let segments = (0..<Int(lines.line_count)).compactMap { index -> Transcript.Segment? in
            let line = lines.lines[index]
            guard let text = line.text.map({ String(cString: $0) })?.trimmed, !text.isEmpty else { return nil }
            return .init(
                text: text,
                start: Double(line.start_time),
                end: Double(line.start_time + line.duration)
            )
        }
        return Transcript(
            text: segments.map(\.text).joined(separator: " "),
            segments: segments,
            language: "en"
        )
    }

    private static func message(_ status: Int32, _ describe: moonshine_error_to_string_fn) -> String {
        describe(status).map { String(cString: $0) } ?? "error \(status)"
    }
}
