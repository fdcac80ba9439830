/// The files of the engines that come with the project, as scripts/setup lays them out; the sums are those of the
/// pinned versions.
enum ModelCatalog {
    /// libmoonshine of moonshine-voice 0.1.0.
    static let moonshineLibrary = ModelStore.File(
        path: "moonshine/lib/libmoonshine.so",
        size: 42_375_360,
        sha256: "42b9ebebb5a7c9ce50ec6f6cf1c12dc48cbb7d17ecaffe3fd1e9fafc1a351670"
    )
    /// The ONNX run-time library that it loads.
    static let moonshineRuntime = ModelStore.File(
        path: "moonshine/moonshine_voice.libs/libonnxruntime-13ab8084.so.1",
        size: 22_346_464,
        sha256: "c0995ae1102b871426e7bddf625451d6c19f12d0b6d79786218cbb77c2de865c"
    )
    /// The encoder of the tiny English model.
    static let moonshineEncoder = ModelStore.File(
        path: "moonshine/tiny-en/encoder_model.ort",
        size: 13_281_600,
        sha256: "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221"
    )
    /// The decoder of the tiny English model.
    static let moonshineDecoder = ModelStore.File(
        path: "moonshine/tiny-en/decoder_model_merged.ort",
        size: 30_412_256,
        sha256: "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0"
    )
    /// The tokens of the tiny English model.
    static let moonshineTokenizer = ModelStore.File(
        path: "moonshine/tiny-en/tokenizer.bin",
        size: 249_974,
        sha256: "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d"
    )
    /// The C interface of sherpa-onnx 1.13.8.
    static let sherpaLibrary = ModelStore.File(
        path: "sherpa-onnx/lib/libsherpa-onnx-c-api.so",
        size: 5_120_672,
        sha256: "e50ae8bca4db52b7be04f56f8ac1502b940ca124a26fac0d48d8cef7fc9823d4"
    )
    /// The ONNX run-time library that it loads.
    static let sherpaRuntime = ModelStore.File(
        path: "sherpa-onnx/lib/libonnxruntime.so",
        size: 27_026_609,
        sha256: "4b3607aebd1784b26b6f9b20e4bd974c7ab8287043e4d095cb7d2cb40b5e566e"
    )
    /// The voice en_US-joe-medium, with the metadata that sherpa-onnx wants.
    static let piperModel = ModelStore.File(
        path: "piper/en_US-joe-medium/model.onnx",
        size: 63_201_425,
        sha256: "c9dc0dd883bd662937e8986af97efb25636c557469bde904dc4fcc9344cd2918"
    )
    /// The phonemes of the voice.
    static let piperTokens = ModelStore.File(
        path: "piper/en_US-joe-medium/tokens.txt",
        size: 899,
        sha256: "da19d3f9a439574f66c072baafced1d1c79f42d8c5981619ea9274a7ab0dbba5"
    )
    /// Silero VAD 6.2.1.
    static let silero = ModelStore.File(
        path: "silero/silero_vad.onnx",
        size: 2_327_524,
        sha256: "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
    )

    /// All that the recogniser `moonshine` needs.
    static let moonshine = [
        moonshineLibrary, moonshineRuntime, moonshineEncoder, moonshineDecoder, moonshineTokenizer,
    ]
    /// The library behind `piper` and `silero`.
    static let sherpa = [sherpaLibrary, sherpaRuntime]
    /// The voice of `piper`.
    static let piper = [piperModel, piperTokens]
}
