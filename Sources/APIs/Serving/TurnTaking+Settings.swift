public import Conversation
import Foundation
public import Settings

extension TurnTaking {
    /// How turns are taken as the settings say, for a listener that gets sound in this manner.
    public init(_ settings: Settings, pacing: (Duration) -> Pacing = { .pieces(ahead: $0) }) {
        self.init()
        let conversation = settings.conversation
        endpointing = Endpointing(conversation.turnPolicy)
        minimumSilence = conversation.minSilence
        silence = conversation.silence
        maximumSilence = conversation.silenceUnfinished
        interruption = Interruption(conversation.interruption)
        holdWindow = conversation.holdWindow
        answersAhead = conversation.answerAhead
        longestUtterance = conversation.longestUtterance
        self.pacing = pacing(conversation.playbackLead)
        idlePrompt = conversation.idlePrompt.map { IdlePrompt(after: conversation.idlePromptAfter, saying: $0) }
    }
}

extension TurnTaking.Endpointing {
    /// As the settings call it.
    public init(_ policy: TurnPolicy) {
        self =
            switch policy {
            case .adaptive: .adaptive
            case .serverVAD: .fixed
            case .manual: .manual
            }
    }
}

extension TurnTaking.Interruption {
    /// As the settings call it.
    public init(_ policy: InterruptionPolicy) {
        self =
            switch policy {
            case .immediate: .immediate
            case .twoStep: .twoStep
            case .never: .never
            }
    }
}

extension Settings {
    /// The folder of the recordings.
    public var recordingFolder: String {
        self.recording.folder
            ?? URL(fileURLWithPath: self.storage.path).deletingLastPathComponent().appendingPathComponent("recordings")
            .path
    }
}
