import CSpeechEngines
import Foundation
import TestProcess
import Testing

@testable import Speech

/// Exceptions thrown by a library that is loaded as those of the engines are.
@Suite struct EngineCallTests {
    private static let source = """
        #include <new>
        #include <stdexcept>
        #include <string>
        extern "C" void throws_error() { throw std::runtime_error("no such\\nvoice " + std::string(1000, 'x')); }
        extern "C" void throws_memory() { throw std::bad_alloc(); }
        extern "C" void throws_number() { throw 7; }
        """

    /// Calls `body` with the functions' library.
    private func withLibrary(_ body: (DynamicLibrary) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "throwing-\(UUID().uuidString)").path
        defer { for ending in ["cpp", "so"] { unlink("\(path).\(ending)") } }
        try Self.source.write(toFile: path + ".cpp", atomically: true, encoding: .utf8)
        try #require(try TestProcess.run("clang++", ["-shared", "-fPIC", "-o", path + ".so", path + ".cpp"]) == 0)
        try body(try DynamicLibrary(path + ".so"))
    }

    /// What `call` says when the function it calls throws; nil when it says nothing. Each of them ignores what it is
    /// called with, so that one serves for all types.
    private func fault<Function>(
        of name: String,
        in library: DynamicLibrary,
        _ call: (Function, UnsafeMutablePointer<antiphon_fault>) -> Bool
    ) throws -> String? {
        let function = try library.function(name, as: Function.self)
        do throws(EngineFault) {
            try guarded { call(function, $0) }
            return nil
        } catch {
            return error.description
        }
    }

    @Test func `no call lets an exception of an engine out`() throws {
        try withLibrary { library in
            for name in ["throws_error", "throws_memory", "throws_number"] {
                var number: Int32 = 0
                var pointer: UnsafeRawPointer?
                var audio: UnsafePointer<sherpa_generated_audio>?
                var transcript: UnsafeMutablePointer<moonshine_transcript>?
                var text: UnsafePointer<CChar>?
                var tts = sherpa_tts_config()
                var vad = sherpa_vad_config()
                var parts = moonshine_model_parts()
                let faults = [
                    try fault(of: name, in: library) { antiphon_sherpa_create_tts($0, &tts, &pointer, $1) },
                    try fault(of: name, in: library) {
                        antiphon_sherpa_generate($0, nil, "", nil, nil, nil, &audio, $1)
                    },
                    try fault(of: name, in: library) { antiphon_sherpa_destroy_audio($0, nil, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_destroy_tts($0, nil, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_create_vad($0, &vad, 90, &pointer, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_vad_accept($0, nil, nil, 0, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_vad_detected($0, nil, &number, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_vad_clear($0, nil, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_vad_reset($0, nil, $1) },
                    try fault(of: name, in: library) { antiphon_sherpa_destroy_vad($0, nil, $1) },
                    try fault(of: name, in: library) { antiphon_moonshine_version($0, &number, $1) },
                    try fault(of: name, in: library) { antiphon_moonshine_load($0, &parts, nil, &number, $1) },
                    try fault(of: name, in: library) {
                        antiphon_moonshine_transcribe($0, 0, nil, 0, 16000, &transcript, &number, $1)
                    },
                    try fault(of: name, in: library) { antiphon_moonshine_describe($0, 0, &text, $1) },
                    try fault(of: name, in: library) { antiphon_moonshine_free($0, 0, $1) },
                ]
                for (index, fault) in faults.enumerated() {
                    let fault = try #require(fault, "call \(index)")
                    switch name {
                    // One line, as much as there is room for.
                    case "throws_error": #expect(fault.hasPrefix("no such voice xxx") && fault.utf8.count == 255)
                    case "throws_memory": #expect(fault == "std::bad_alloc")
                    default: #expect(fault.contains("std::exception"))
                    }
                }
            }
        }
    }

    @Test func `an exception becomes an error of the engine`() throws {
        try withLibrary { library in
            let function = try library.function("throws_memory", as: sherpa_destroy_vad_fn.self)
            #expect(throws: SpeechError.failed(engine: "silero", reason: "std::bad_alloc")) {
                try wrapping("silero") { try guarded { antiphon_sherpa_destroy_vad(function, nil, $0) } }
            }
        }
    }
}
