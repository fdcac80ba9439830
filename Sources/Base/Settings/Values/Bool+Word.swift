extension Bool {
    /// The truth value that a word stands for, in any case and with white space around it; nil for other words. People and
    /// programs write `true` and `false`, `yes` and `no`, `on` and `off`, 1 and 0, or the first letter.
    package init?(word: some StringProtocol) {
        switch word.lowercased().filter({ !$0.isWhitespace }) {
        case "true", "t", "yes", "y", "on", "1": self = true
        case "false", "f", "no", "n", "off", "0": self = false
        default: return nil
        }
    }
}
