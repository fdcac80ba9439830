/// How it is decided that a user has finished.
public enum TurnPolicy: String, Sendable, CaseIterable {
    /// By silence whose length depends on what was said.
    case adaptive
    /// By silence of one length.
    case serverVAD = "server_vad"
    /// By the client.
    case manual
}

/// What becomes of an answer when the user begins to speak.
public enum InterruptionPolicy: String, Sendable, CaseIterable {
    /// It ends at once.
    case immediate
    /// It is held, then goes on or ends.
    case twoStep = "two_step"
    /// It goes on.
    case never
}

/// Which conversations are recorded.
public enum RecordingMode: String, Sendable, CaseIterable {
    /// None.
    case off
    /// Those whose client says that the user agrees.
    case consent
    /// All.
    case always
}
