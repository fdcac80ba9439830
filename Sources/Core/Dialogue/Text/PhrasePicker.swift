/// Picks phrases at random, but not the same one twice in a row.
struct PhrasePicker: Sendable {
    private var random: any RandomNumberGenerator & Sendable
    // One entry per group; groups come from tables and scripts, which are bounded.
    private var last: [String: Int] = [:]

    init(random: any RandomNumberGenerator & Sendable) {
        self.random = random
    }

    /// One of `phrases`: not the one picked last for `group`, nor one that reads like `heard`, as far as there are others.
    mutating func pick(from phrases: [String], group: String, avoiding heard: String? = nil) -> String {
        let notLast = phrases.indices.filter { $0 != last[group] }
        let fresh = notLast.filter { phrases[$0] != heard }
        let candidates = fresh.isEmpty ? (notLast.isEmpty ? Array(phrases.indices) : notLast) : fresh
        guard let index = candidates.randomElement(using: &random) else { return "" }
        last[group] = index
        return phrases[index]
    }
}
