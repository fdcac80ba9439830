public import Audio
import HTTPTypes
public import Settings
import Speech

/// A recording that a client sent, decoded; its room is taken as long as it is needed.
public struct UploadedSound: Sendable {
    /// The highest rate that recordings are decoded to, in Hz: what recognisers take, and a third of what most recordings
    /// have, so that long ones take little memory. Those of a lower rate keep theirs.
    public static let sampleRate = 16_000

    private let sound: PCM
    private let place: RecordingRoom.Place

    /// How long the recording is.
    public var duration: Duration { sound.duration }

    /// Decodes a file, which errors call `name`, when it is its turn. Throws `AudioError`, `APIFailure` (503) when too many
    /// recordings wait for that, or `CancellationError` when the task is cancelled.
    public init(decoding file: UploadedForm.File, called name: String, parts: ServerParts) async throws {
        let settings = parts.settings.current
        let room = parts.recordings
        let limits = AudioDecoder.Limits(
            maximumBytes: settings.http.maxUploadBytes,
            maximumDuration: settings.audio.maxDuration,
            maximumSamples: room.largest / MemoryLayout<Float>.stride
        )
        let place = try await room.enter()
        sound = try await withTaskCancellationHandler {
            try await offPool(on: room.threads) {
                try AudioDecoder.decode(
                    bytes: file.bytes,
                    limits: limits,
                    highestRate: Self.sampleRate,
                    name: name,
                    willGrow: { try place.grow(by: $0) }
                )
            }
        } onCancel: {
            place.cancel()
        }
        place.isDecoded()
        self.place = place
    }

    /// Does `work` on the sound, whose room stays taken until it is done. Throws what the work throws.
    public func use<Result, Failure: Error>(
        _ work: (PCM) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        defer { withExtendedLifetime(place) {} }
        return try await work(sound)
    }

    /// The most bytes of memory that one recording can take with these settings.
    public static func largest(_ settings: Settings) -> Int {
        // A second more than allowed, for what a filter adds.
        (settings.audio.maxDuration + .seconds(1)).samples(at: sampleRate) * MemoryLayout<Float>.stride
    }
}
