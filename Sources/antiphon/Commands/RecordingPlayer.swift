import Audio
import Conversation
import Speech

/// Plays a recording to a session as if someone spoke it.
struct RecordingPlayer {
    private static let piece: Duration = .milliseconds(20)
    /// The silence after the recording in which the turn must have ended.
    private static let patience: Duration = .seconds(5)

    let recording: PCM
    let voiceActivity: any VoiceActivityEngine

    /// Gives the session the recording: at once up to the end of speech, then in real time, followed by silence. Closes
    /// the session when that fails, or ends without a turn that goes on. From the end of speech on turns are taken as
    /// `turnTaking` says.
    func play(to session: Session, then turnTaking: TurnTaking) async throws {
        do {
            try await give(to: session, then: turnTaking)
        } catch {
            await session.close()
            throw error
        }
        if !(await session.isBusy) { await session.close() }
    }

    private func give(to session: Session, then turnTaking: TurnTaking) async throws {
        guard let endOfSpeech = try await endOfSpeech() else { return }
        let clock = ContinuousClock()
        var position = Duration.zero
        for piece in recording.pieces(of: Self.piece) where position < endOfSpeech {
            try await session.hear(piece)
            position += piece.duration
            // In real time the transcripts would have kept up.
            if position.components.attoseconds == 0 { await session.settle() }
        }
        await session.settle()
        await session.use(turnTaking)
        let rest = Array(recording.samples.dropFirst(position.samples(at: recording.sampleRate)))
        let quiet = PCM.silence(Self.patience, sampleRate: recording.sampleRate)
        let tail = PCM(rest + quiet.samples, sampleRate: recording.sampleRate)
        var due = clock.now
        for piece in tail.pieces(of: Self.piece) {
            due += piece.duration
            try await clock.sleep(until: due, tolerance: .milliseconds(1))
            try await session.hear(piece)
        }
        await session.endUtterance()
    }

    /// Where the last speech of the recording ends; nil when there is none.
    private func endOfSpeech() async throws -> Duration? {
        let activity = try await voiceActivity.makeDetector()
        let sound = recording.resampled(to: activity.sampleRate)
        var position = 0
        var lastSpeech: Int?
        for piece in sound.pieces(of: .seconds(1)) {
            for window in try await activity.process(piece.samples) {
                position += window.count
                if window.isSpeech { lastSpeech = position }
            }
        }
        return lastSpeech.map { .samples($0, at: activity.sampleRate) }
    }
}
