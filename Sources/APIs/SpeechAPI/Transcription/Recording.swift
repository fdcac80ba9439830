import Audio
import HTTPTypes
import Serving

/// A recording that a client sent. What it is, its content decides; the file's name only helps to say what is wrong.
struct Recording: Sendable {
    /// The field of a form that holds it.
    static let field = "audio_file"
    /// The formats that are taken, as ends of file names; some need the program `ffmpeg`.
    static let extensions =
        ["wav", "mp3", "flac", "ogg", "oga", "opus", "mpga", "mpeg", "aiff", "aif", "au", "caf", "w64"]
        + (AudioDecoder.hasFFmpeg ? convertedExtensions : [])

    private static let convertedExtensions = ["m4a", "webm", "mp4", "aac", "mov", "3gp", "amr", "wma", "spx"]

    private let file: UploadedForm.File

    /// The recording in a form. Throws `APIFailure` (422) when there is none, and when there are files beside it, which
    /// nobody would hear.
    init(from form: UploadedForm) throws(APIFailure) {
        do throws(UploadedForm.FileFault) {
            file = try form.onlyFile(Self.field)
        } catch {
            throw .invalid(.init(["body", Self.field], error.kind, error.message))
        }
    }

    /// The recording as sound. Throws `APIFailure` (400) for a file without a name and for one that is neither called a
    /// recording nor is one, else what `UploadedSound` throws.
    func sound(_ parts: ServerParts) async throws -> UploadedSound {
        guard !file.filename.isEmpty else {
            throw APIFailure(.badRequest, .validationFailed, "The file has no name; give \(Self.field) a file name.")
        }
        do {
            return try await UploadedSound(decoding: file, called: "the recording", parts: parts)
        } catch AudioError.notAudio where !hasKnownExtension {
            throw APIFailure(
                .badRequest,
                .unsupportedFormat,
                "The file is no recording; send one of \(Self.extensions.joined(separator: ", "))."
            )
        }
    }

    private var hasKnownExtension: Bool {
        guard let dot = file.filename.lastIndex(of: ".") else { return false }
        let ending = file.filename[file.filename.index(after: dot)...].lowercased()
        return Self.extensions.contains(ending) || Self.convertedExtensions.contains(ending)
    }
}
