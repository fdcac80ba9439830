import Testing

@testable import SpokenText

/// Quadratic work on these texts would take minutes, even in a release build.
@Suite(.serialized, .timeLimit(.minutes(1))) struct HostileTextTests {
    private static let fragments = [
        "<", "<a ", "<a b=\"", "<!--", "<script>", "&", "&amp;", "&a", "[a](", "](", "](<", "[^", "\\", "| ", "|-", "`",
        "```\n", "https://", "www.", "<think>", "</think>", "<th", "1.", "1,111", "1,", "1-", "1/", "1st-", "+1 ",
        "$1-",
        "$", "5'", "a.", "etc.)", "II ", "World War ", "1:00-", "1h", "½", "-", ".5", "St. ", "#", "a@", "Jan ",
        "1 1/2 ",
        "9", "k", "'", "<=", "^", "%",
    ]

    @Test(arguments: fragments)
    func `a fragment repeated again and again costs linear time`(fragment: String) {
        let text = String(repeating: fragment, count: 5_000 / fragment.utf8.count)
        #expect((SpeakableText.clean(text).utf8.count <= 2 * text.utf8.count) as Bool)
        // A digit becomes a word of at most five letters and a space; signs become some words.
        #expect((TextNormalizer(language: "en").spoken(text).utf8.count <= 40 * text.utf8.count) as Bool)
    }
}
