/// The tokens that OpenAI would count, for clients that add them up. The engines here know no tokens, so these are
/// estimates.
enum TokenEstimate {
    /// About four characters make a token.
    static func text(_ text: String) -> Int { (text.count + 3) / 4 }

    /// Sound that is heard has ten tokens a second.
    static func heard(_ duration: Duration) -> Int { Int((duration / .milliseconds(100)).rounded(.up)) }

    /// Sound that is made has twenty tokens a second.
    static func spoken(_ duration: Duration) -> Int { Int((duration / .milliseconds(50)).rounded(.up)) }
}
