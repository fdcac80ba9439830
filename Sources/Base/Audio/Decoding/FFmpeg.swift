import Glibc

/// Decoding by the `ffmpeg` program.
struct FFmpeg {
    /// The path of the program.
    let program: String
    /// How long one file may take.
    var deadline: Duration = .seconds(60)

    /// The program found in the folders of `path`, as in the environment variable PATH.
    static func find(path: String? = getenv("PATH").map { String(cString: $0) }) -> FFmpeg? {
        for directory in (path ?? "").split(separator: ":") {
            let program = "\(directory)/ffmpeg"
            if access(program, X_OK) == 0 { return FFmpeg(program: program) }
        }
        return nil
    }

    /// Decodes `source`, which holds what `demuxer` reads, until `end` at the latest.
    ///
    /// - Parameters:
    ///   - lead: The samples of the decoded sound that are left out, counted at `leadRate` Hz.
    func decode(
        _ source: any ByteSource,
        demuxer: String,
        until end: ContinuousClock.Instant,
        lead: Int = 0,
        leadRate: Int = 1,
        into collector: inout SampleCollector
    ) throws {
        try source.withDescriptor { descriptor in
            guard let child = ChildProcess(program, Self.arguments(demuxer: demuxer), input: descriptor) else {
                throw AudioError.ffmpegFailed(source: source.name, reason: "it could not be started")
            }
            var stream = AUStream(lead: lead, leadRate: leadRate)
            var messages: [UInt8] = []
            do {
                while let piece = try child.read(until: end, check: collector.check) {
                    switch piece {
                    case .output(let bytes): try stream.consume(bytes, into: &collector)
                    // The first message tells the cause; what follows is its consequences.
                    case .message(let bytes): messages += bytes.prefix(4096 - messages.count)
                    }
                }
            } catch is ChildProcess.DeadlineExceeded {
                throw AudioError.ffmpegFailed(
                    source: source.name,
                    reason: "it took longer than \(deadline.milliseconds / 1000) s"
                )
            } catch is AUStream.Malformed {
                throw AudioError.ffmpegFailed(source: source.name, reason: "it wrote something other than sound")
            }
            let status = child.end()
            guard status == 0 else {
                throw AudioError.ffmpegFailed(source: source.name, reason: Self.reason(messages, status: status))
            }
        }
    }

    /// Why it failed, in words of our own: those of the program name addresses in memory and descriptors.
    private static func reason(_ messages: [UInt8], status: Int32) -> String {
        let text = String(decoding: messages, as: UTF8.self)
        let known = [
            ("moov atom not found", "its index is missing, since the recording was not ended properly"),
            ("matches no streams", "it has no sound"),
            ("does not contain any stream", "it has no sound"),
            ("Invalid data found", "it is damaged"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? "status \(status)"
    }

    /// The demuxer and the protocol are fixed, so that content cannot make the program open files or addresses.
    private static func arguments(demuxer: String) -> [String] {
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file", "-f", demuxer,
            "-i", "file:/dev/fd/\(ChildProcess.inputDescriptor)",
            "-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-c:a", "pcm_f32be", "-f", "au", "pipe:1",
        ]
    }
}
