import Glibc

/// The data of espeak-ng, which it and piper's phonemiser read when they are loaded and whenever they take up a voice.
///
/// It belongs to the system's package, whose versions differ, so no SHA-256 of it is known. What is checked is that the
/// files are there, can be opened now and hold something: without its dictionary a voice speaks a few milliseconds of
/// noise and says that all went well, and without its tables sherpa-onnx ends the process.
struct PhonemeData: Sendable {
    /// Why the data cannot be used.
    enum Problem: Error, CustomStringConvertible {
        case missing
        case unusable(String, String)

        var description: String {
            switch self {
            case .missing: "the phoneme data of espeak-ng is missing; apt-get install espeak-ng-data."
            case .unusable(let path, let reason):
                "\(path) cannot be used (\(reason)); if it stays so, apt-get install --reinstall espeak-ng-data."
            }
        }
    }

    /// The files that every voice needs.
    static let tables = ["phontab", "phonindex", "phondata", "intonations"]
    /// What US English needs besides.
    static let english = ["en_dict", "lang/gmw/en-US"]

    /// The folder.
    let folder: String

    /// The data in `folder`.
    init(folder: String) {
        self.folder = folder
    }

    /// The data of the system: in Debian's multi-architecture folder, or the plain one of other systems.
    init() throws(Problem) {
        let folders = [
            "/usr/lib/x86_64-linux-gnu/espeak-ng-data", "/usr/lib/aarch64-linux-gnu/espeak-ng-data",
            "/usr/share/espeak-ng-data",
        ]
        guard let folder = folders.first(where: { access($0 + "/phontab", F_OK) == 0 }) else { throw .missing }
        self.folder = folder
    }

    /// Opens each of `files`.
    func check(_ files: [String]) throws(Problem) {
        for file in files {
            let path = "\(folder)/\(file)"
            let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw .unusable(path, String(cString: strerror(errno))) }
            defer { close(descriptor) }
            var byte: UInt8 = 0
            guard read(descriptor, &byte, 1) == 1 else { throw .unusable(path, "nothing can be read from it") }
        }
    }

    /// Checks that the tables are of the format that sherpa-onnx 1.13.8 reads, and for sound of 22,050 Hz.
    func checkFormat() throws(Problem) {
        let path = "\(folder)/phondata"
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unusable(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 8)
        guard read(descriptor, &header, header.count) == header.count, header == Self.header else {
            throw .unusable(path, "it is of another format")
        }
    }

    /// Version 1.48.1 and a rate of 22,050 Hz, each in four bytes, the lowest first.
    private static let header: [UInt8] = [0x01, 0x48, 0x01, 0x00, 0x22, 0x56, 0x00, 0x00]
}
