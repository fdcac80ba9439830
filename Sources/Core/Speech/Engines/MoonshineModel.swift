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
        let library = try EngineLibraries.moonshine(from: models)
        let interface: moonshine_get_version_fn = try library.function("moonshine_get_version")
        var version: Int32 = 0
        try guarded { antiphon_moonshine_version(interface, &version, $0) }
        guard version == ANTIPHON_MOONSHINE_INTERFACE else {
            throw Failure(description: "its interface is \(version), not \(ANTIPHON_MOONSHINE_INTERFACE).")
        }
        describe = try library.function("moonshine_error_to_string")
        transcribe = try library.function("moonshine_transcribe_without_streaming")
        free = try library.function("moonshine_free_transcriber")
        let handle = try Self.load(models, with: library.function("moonshine_load_transcriber_from_memory_files"))
        guard handle >= 0 else { throw Failure(description: Self.message(handle, describe)) }
        self.handle = handle
    }

    deinit { try? guarded { antiphon_moonshine_free(free, handle, $0) } }

    private static func load(
        _ models: ModelStore,
        with load: moonshine_load_transcriber_from_memory_files_fn
    ) throws -> Int32 {
        let encoder = try models.copy(ModelCatalog.moonshineEncoder)
        let decoder = try models.copy(ModelCatalog.moonshineDecoder)
        let tokenizer = try models.copy(ModelCatalog.moonshineTokenizer)
        // The library copies what it keeps, so the bytes are in memory only while it loads.
        return try encoder.withBytes { encoder in
            try decoder.withBytes { decoder in
                try tokenizer.withBytes { tokenizer in
                    var parts = moonshine_model_parts()
                    parts.encoder = encoder.bindMemory(to: UInt8.self).baseAddress
                    parts.encoder_size = UInt64(encoder.count)
                    parts.decoder = decoder.bindMemory(to: UInt8.self).baseAddress
                    parts.decoder_size = UInt64(decoder.count)
                    parts.tokenizer = tokenizer.bindMemory(to: UInt8.self).baseAddress
                    parts.tokenizer_size = UInt64(tokenizer.count)
                    return try Self.load(parts, with: load)
                }
            }
        }
    }

    private static func load(
        _ parts: moonshine_model_parts,
        with load: moonshine_load_transcriber_from_memory_files_fn
    ) throws -> Int32 {
        var parts = parts
        var handle: Int32 = -1
        // Utterances come already cut out of the stream, so the model's own voice detector is switched off.
        try "vad_threshold".withCString { name in
            try "0.0".withCString { value in
                var option = moonshine_option(name: name, value: value)
                try guarded { antiphon_moonshine_load(load, &parts, &option, &handle, $0) }
            }
        }
        return handle
    }

    /// Transcribes sound of 16 kHz.
    func transcribe(_ sound: PCM) throws -> Transcript {
        var result: UnsafeMutablePointer<moonshine_transcript>?
        var status: Int32 = 0
        try sound.samples.withUnsafeBufferPointer { samples in
            try guarded {
                antiphon_moonshine_transcribe(
                    transcribe,
                    handle,
                    samples.baseAddress,
                    UInt64(samples.count),
                    Int32(sound.sampleRate),
                    &result,
                    &status,
                    $0
                )
            }
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
        var text: UnsafePointer<CChar>?
        try? guarded { antiphon_moonshine_describe(describe, status, &text, $0) }
        return text.map { String(cString: $0) } ?? "error \(status)"
    }
}
