import Audio
import CoreMetrics
import Storage
import Telemetry

/// How long the parts of spoken turns take, as histograms.
struct TurnMetrics: Sendable {
    private let transcription: Timer
    private let firstAudio: Timer

    init(_ registry: PrometheusRegistry) {
        registry.describe("turn_transcription_seconds", "Time from a recording to its transcript.")
        registry.describe("turn_first_audio_seconds", "Time from a recording to the first sound of the answer.")
        transcription = Timer(label: "turn.transcription", dimensions: [], factory: registry)
        firstAudio = Timer(label: "turn.first.audio", dimensions: [], factory: registry)
    }

    func record(_ timings: Turn.Timings) {
        if let duration = timings.transcription { transcription.recordSeconds(duration.seconds) }
        if let duration = timings.firstAudio { firstAudio.recordSeconds(duration.seconds) }
    }
}
