import Audio
import SpokenText

extension PCM {
    /// The speech of `text` with the pause that belongs to the mark at its end, as far as the engine made none: what is
    /// spoken next would run into it otherwise. A faster voice pauses for a shorter time.
    func withClosingPause(after text: String, speed: Double) -> PCM {
        guard let pause = Self.pause(after: text) else { return self }
        let wanted = Int((pause.seconds / speed * Double(sampleRate)).rounded())
        let threshold = peak * 0.02
        let silence = samples.reversed().prefix(wanted).prefix { abs($0) <= threshold }.count
        guard silence < wanted else { return self }
        return PCM(samples + [Float](repeating: 0, count: wanted - silence), sampleRate: sampleRate)
    }

    private static func pause(after text: String) -> Duration? {
        guard let mark = text.unicodeScalars.last(where: { !$0.isSpace && !$0.isCloser }) else { return nil }
        return switch mark {
        case ".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।", "‽": .milliseconds(250)
        case ",", ";", ":", "—", "，", "、", "；", "：", "،", "؛": .milliseconds(150)
        default: nil
        }
    }
}
