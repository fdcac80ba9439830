public import Audio
import HTTPTypes
public import Settings
import Speech

/// A recording that a client sent, decoded; its room is taken as long as it is needed.
public struct UploadedSound: Sendable {
    /// What recordings are decoded to, in Hz: what recognisers take, and a third of what most recordings have, so that
    /// long ones take little memory.
    public static let sampleRate = 16_000

    /// A few at a time, since decoding keeps a processor busy, or a program of its own.
    private static let threads = BlockingThreads(limit: 4)

    private let sound: PCM
    private let room: ByteBudget.Share

    /// How long the recording is.
    public var duration: Duration { sound.duration }

    /// Decodes a file, which errors call `name`. Throws `AudioError`, `APIFailure` (503) when other recordings leave no
    /// room for it, or `CancellationError` when the task is cancelled before its turn comes.
    public init(decoding file: UploadedForm.File, called name: String, parts: ServerParts) async throws {
        let settings = parts.settings.current
        let limits = AudioDecoder.Limits(
            maximumBytes: settings.http.maxUploadBytes,
            maximumDuration: settings.audio.maxDuration,
            maximumSamples: Self.longestSampleCount(settings)
        )
        let room = parts.recordings.share()
        let cancellation = CancellationFlag()
        sound = try await withTaskCancellationHandler {
            try await offPool(on: Self.threads) {
                guard !cancellation.isCancelled else { throw CancellationError() }
                return try AudioDecoder.decode(
                    bytes: file.bytes,
                    limits: limits,
                    sampleRate: Self.sampleRate,
                    name: name,
                    willGrow: { bytes in
                        guard !cancellation.isCancelled else { throw CancellationError() }
                        try room.take(bytes)
                    }
                )
            }
        } onCancel: {
            cancellation.cancel()
        }
        self.room = room
    }

    /// Does `work` on the sound, whose room stays taken until it is done. Throws what the work throws.
    public func use<Result, Failure: Error>(
        _ work: (PCM) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        defer { withExtendedLifetime(room) {} }
        return try await work(sound)
    }

    /// The most bytes of memory that one recording can take with these settings.
    public static func largest(_ settings: Settings) -> Int {
        longestSampleCount(settings) * MemoryLayout<Float>.stride
    }

    /// A second more than allowed, for what a filter adds.
    private static func longestSampleCount(_ settings: Settings) -> Int {
        (settings.audio.maxDuration + .seconds(1)).samples(at: sampleRate)
    }
}
