public import HTTPTypes
public import Speech

extension HTTPFields {
    /// Says who speaks in an answer, in `X-Voice` and `X-Engine`; a voice that has no ASCII name is percent-encoded.
    public mutating func name(_ speaker: Speaker?) {
        self[.xVoice] = speaker.map { HeaderText.encode($0.id) }
        self[.xEngine] = speaker.map { HeaderText.encode($0.engine) }
    }
}
