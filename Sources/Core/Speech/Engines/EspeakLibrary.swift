import Audio
import CSpeechEngines

/// The espeak-ng library, loaded and initialised. Its state is global, so it must be used from one queue only. It is
/// written in C, so its functions throw nothing, and told not to end the process when its data cannot be read.
final class EspeakLibrary {
    static let sampleRate = 22050
    static let defaultVoice = "en-us"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let version: String
    let voices: [Voice]
    /// What the library itself calls each voice, by name. By its language it does not find every voice that it lists.
    private let identifiers: [String: String]
    private let setVoice: espeak_set_voice_by_name_fn
    private let setParameter: espeak_set_parameter_fn
    private let synthesize: espeak_synth_fn
    private let data: PhonemeData
    private var currentVoice: String?

    init() throws {
        let library: DynamicLibrary
        do {
            library = try DynamicLibrary("libespeak-ng.so.1")
        } catch {
            throw SpeechError.unavailable(
                engine: EspeakSynthesizer.name,
                reason: "\(error.description); apt-get install libespeak-ng1."
            )
        }
        let initialize: espeak_initialize_fn = try library.function("espeak_Initialize")
        let setCallback: espeak_set_synth_callback_fn = try library.function("espeak_SetSynthCallback")
        let info: espeak_info_fn = try library.function("espeak_Info")
        let list: espeak_list_voices_fn = try library.function("espeak_ListVoices")
        setVoice = try library.function("espeak_SetVoiceByName")
        setParameter = try library.function("espeak_SetParameter")
        synthesize = try library.function("espeak_Synth")

        let rate = initialize(
            Int32(ANTIPHON_ESPEAK_SYNCHRONOUS),
            Self.callbackMilliseconds,
            nil,
            Int32(ANTIPHON_ESPEAK_DONT_EXIT)
        )
        guard rate == Self.sampleRate else {
            throw SpeechError.unavailable(
                engine: EspeakSynthesizer.name,
                reason: "its data cannot be read; apt-get install espeak-ng-data."
            )
        }
        setCallback { samples, count, events in
            guard let context = events?.pointee.user_data else { return 0 }
            let sink = Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
            if let samples, count > 0 {
                sink.samples.append(
                    contentsOf: UnsafeBufferPointer(start: samples, count: Int(count)).lazy.map { Float($0) / 32768 }
                )
            }
            return sink.cancellation.isCancelled ? 1 : 0
        }
        var folder: UnsafePointer<CChar>?
        version = info(&folder).map { String(cString: $0) } ?? "unknown"
        data = PhonemeData(folder: folder.map { String(cString: $0) } ?? "")
        let listed = Self.listVoices(list)
        voices = listed.map(\.voice)
        identifiers = Dictionary(uniqueKeysWithValues: listed.map { ($0.voice.name, $0.identifier) })
    }

    /// Speaks `text` with the voice called `voice`; ends with a `CancellationError` when `cancellation` says so.
    func speak(_ text: String, voice: String, speed: Double, unless cancellation: CancellationFlag) throws -> PCM {
        if voice != currentVoice {
            guard let identifier = identifiers[voice] else { throw unknown(voice) }
            // Taking up a voice reads its files, and the library takes no notice when it cannot open them.
            try data.check(PhonemeData.tables)
            // What is left of the other voice when this fails is not to be spoken with.
            currentVoice = nil
            guard setVoice(identifier) == 0 else { throw unknown(voice) }
            currentVoice = voice
        }
        let wordsPerMinute = (Double(ANTIPHON_ESPEAK_NORMAL_RATE) * speed).rounded()
        _ = setParameter(Int32(ANTIPHON_ESPEAK_RATE), Int32(wordsPerMinute), 0)
        let sink = Sink(cancellation)
        let status = withExtendedLifetime(sink) {
            text.withCString {
                synthesize(
                    $0,
                    text.utf8.count + 1,
                    0,
                    Int32(ANTIPHON_ESPEAK_POSITION_CHARACTER),
                    0,
                    ANTIPHON_ESPEAK_UTF8,
                    nil,
                    Unmanaged.passUnretained(sink).toOpaque()
                )
            }
        }
        guard !cancellation.isCancelled else { throw CancellationError() }
        guard status == 0 else { throw Failure(description: "it answered with error \(status).") }
        guard !sink.samples.isEmpty else { throw SpeechError.producedNothing(engine: EspeakSynthesizer.name) }
        return PCM(sink.samples, sampleRate: Self.sampleRate)
    }

    private func unknown(_ voice: String) -> SpeechError {
        .unknownVoice(voice, suggestions: [EspeakSynthesizer.name + "/" + Self.defaultVoice])
    }

    private static let callbackMilliseconds: Int32 = 60

    /// Collects the sound of one call.
    private final class Sink {
        var samples: [Float] = []
        let cancellation: CancellationFlag

        init(_ cancellation: CancellationFlag) {
            self.cancellation = cancellation
        }
    }

    private static func listVoices(_ list: espeak_list_voices_fn) -> [(voice: Voice, identifier: String)] {
        guard var next = list(nil) else { return [] }
        var voices: [(voice: Voice, identifier: String)] = []
        while let entry = next.pointee {
            next += 1
            guard let languages = entry.pointee.languages, languages.pointee != 0,
                let identifier = entry.pointee.identifier.map({ String(cString: $0) })
            else { continue }
            // The first language of a voice is its own; others may be those of another voice too.
            let tag = String(cString: languages + 1)
            let summary = entry.pointee.name.map { String(cString: $0) } ?? tag
            guard !voices.contains(where: { $0.voice.name == tag }) else { continue }
            let voice = Voice(engine: EspeakSynthesizer.name, name: tag, languages: [tag], summary: summary)
            voices.append((voice, identifier))
        }
        func order(_ name: String) -> (Int, String) { (name != defaultVoice ? 1 : 0, name) }
        voices.sort { order($0.voice.name) < order($1.voice.name) }
        return voices
    }
}
