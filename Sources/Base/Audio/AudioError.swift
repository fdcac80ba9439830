/// Why sound could not be decoded or encoded.
///
/// `source` names the sound: its path in quotation marks, or what the caller called the bytes.
public enum AudioError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No file has this path.
    case fileNotFound(path: String)
    /// The path is a folder's.
    case isDirectory(path: String)
    /// The file exists and cannot be read.
    case notReadable(path: String, reason: String)
    /// There is no room for the file that a decoder needs.
    case noTemporaryFile(reason: String)
    /// There is not one sample.
    case empty(source: String)
    /// The input has more bytes than allowed.
    case tooLarge(source: String, maximumBytes: Int)
    /// The sound lasts longer than allowed.
    case tooLong(source: String, maximum: Duration)
    /// The content is of no kind that can be decoded.
    case notAudio(source: String)
    /// The content looks like audio and does not decode.
    case corrupt(source: String, reason: String)
    /// The sample rate, in Hz, cannot be handled; `supported` says which can.
    case unsupportedRate(Int, supported: String)
    /// The number of channels cannot be handled.
    case unsupportedChannels(Int, source: String)
    /// The format has a header or frames, so its bytes are no raw samples.
    case notRaw(AudioFormat)
    /// The content needs the `ffmpeg` program, which is not installed.
    case ffmpegMissing(source: String, kind: String)
    /// The `ffmpeg` program could not decode the content.
    case ffmpegFailed(source: String, reason: String)
    /// The encoder of the format refused.
    case encoderFailed(AudioFormat, reason: String)

    /// One sentence that names the sound and the remedy.
    public var description: String {
        switch self {
        case .fileNotFound(let path):
            "there is no file \"\(path)\"; check the path"
        case .isDirectory(let path):
            "\"\(path)\" is a directory; give the path of an audio file in it"
        case .notReadable(let path, let reason):
            "\"\(path)\" cannot be read (\(reason)); check its permissions and that it is a regular file"
        case .noTemporaryFile(let reason):
            "no temporary file can be written (\(reason)); make room in the folder of TMPDIR, or name another one"
        case .empty(let source):
            "\(source) contains no sound; give audio of at least one sample"
        case .tooLarge(let source, let maximumBytes):
            "\(source) is larger than the limit of \(maximumBytes) bytes; shorten or compress it"
        case .tooLong(let source, let maximum):
            "\(source) lasts longer than the limit of \(Int(maximum.seconds)) s; cut it into shorter parts"
        case .notAudio(let source):
            "\(source) is not audio of a known kind; accepted are WAV, W64, AIFF, AU, CAF, FLAC, Ogg, MP3, MP4/M4A/MOV, 3GP, WebM, AAC, AMR and WMA"
        case .corrupt(let source, let reason):
            "\(source) cannot be decoded (\(reason)); it is damaged or uses an unknown codec, so export it again"
        case .unsupportedRate(let rate, let supported):
            "a sample rate of \(rate) Hz is not supported; use \(supported)"
        case .unsupportedChannels(let count, let source):
            "\(source) has \(count) channels; at most \(SampleCollector.maximumChannels) can be mixed to mono"
        case .notRaw(let format):
            "\(format.rawValue) is not a raw format; name pcm, mulaw or alaw, or let the kind be found by content"
        case .ffmpegMissing(let source, let kind):
            "\(source) is \(kind), which needs the ffmpeg program; install it with: apt-get install ffmpeg"
        case .ffmpegFailed(let source, let reason):
            "ffmpeg could not decode \(source) (\(reason)); convert it to WAV, FLAC, MP3 or Ogg"
        case .encoderFailed(let format, let reason):
            "encoding to \(format.rawValue) failed: \(reason)"
        }
    }
}

extension AudioError {
    /// The same for a part of the sound, counted from 1, when it is several files joined: the error then says which.
    func inPart(_ number: Int) -> AudioError {
        switch self {
        case .corrupt(let source, let reason):
            .corrupt(source: source, reason: "file \(number) of those joined in it: \(reason)")
        case .ffmpegFailed(let source, let reason):
            .ffmpegFailed(source: source, reason: "file \(number) of those joined in it: \(reason)")
        default: self
        }
    }
}
