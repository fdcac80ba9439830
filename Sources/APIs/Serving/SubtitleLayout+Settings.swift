public import Settings
public import Speech

extension Subtitles.Layout {
    /// The layout that the settings ask for.
    public init(settings: Settings) {
        let keys = settings.speech.subtitles
        self.init(longestCue: keys.longestCue, lineLength: keys.lineLength, lines: keys.lines)
    }
}
