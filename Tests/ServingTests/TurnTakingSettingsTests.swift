import Conversation
import Serving
import Settings
import Testing

@Suite struct TurnTakingSettingsTests {
    private func settings(_ assignments: String...) throws -> Settings {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = assignments
        return try Settings.load(from: sources).settings
    }

    @Test func `how turns are taken is in the settings`() throws {
        let turnTaking = TurnTaking(
            try settings(
                "conversation.turn_policy=server_vad",
                "conversation.min_silence=300ms",
                "conversation.silence=600ms",
                "conversation.silence_unfinished=2s",
                "conversation.interruption=two_step",
                "conversation.hold_window=500ms",
                "conversation.playback_lead=100ms",
                "conversation.answer_ahead=false",
                "conversation.longest_utterance=30s",
                "conversation.idle_prompt=Are you there?",
                "conversation.idle_prompt_after=5s"
            )
        )
        var expected = TurnTaking()
        expected.endpointing = .fixed
        expected.minimumSilence = .milliseconds(300)
        expected.silence = .milliseconds(600)
        expected.maximumSilence = .seconds(2)
        expected.interruption = .twoStep
        expected.holdWindow = .milliseconds(500)
        expected.pacing = .pieces(ahead: .milliseconds(100))
        expected.answersAhead = false
        expected.longestUtterance = .seconds(30)
        expected.idlePrompt = .init(after: .seconds(5), saying: "Are you there?")
        #expect(turnTaking == expected)
    }

    @Test func `recordings lie beside the database unless the settings say where`() throws {
        #expect(try settings("storage.path=/srv/data/a.sqlite").recordingFolder == "/srv/data/recordings")
        #expect(try settings("recording.folder=/srv/sound").recordingFolder == "/srv/sound")
    }
}
