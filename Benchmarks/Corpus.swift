import Speech

/// What the benchmarks say and hear.
enum Corpus {
    /// The bundled recordings with what is said in them.
    static let recordings = [
        (
            "two_cities",
            """
            It was the best of times, it was the worst of times, it was the age of wisdom, it was the age of \
            foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season of Light, it \
            was the season of Darkness, it was the spring of hope, it was the winter of despair, we had everything \
            before us, we had nothing before us, we were all going direct to Heaven, we were all going direct the \
            other way. In short, the period was so far like the present period, that some of its noisiest authorities \
            insisted on its being received, for good or for evil, in the superlative degree of comparison only.
            """
        ),
        ("beckett", "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."),
    ]

    /// Thirty questions that the script can answer, some of them.
    static let questions = [
        "Hello, how are you today?", "What time is it?", "What day is it today?", "What is two plus three?",
        "What can you do for me?", "Who are you?", "How do you spell rhythm?", "What is twelve times twelve?",
        "Thank you very much.", "Good morning.", "Could you say that again?", "What is one hundred divided by four?",
        "What is the date today?", "Please help me.", "What is nine minus five?", "Goodbye for now.",
        "Can you tell me a story?", "Where is the railway station?", "What is the weather like?",
        "I would like a cup of coffee.", "What is seven plus eight?", "How do you spell necessary?",
        "What is fifty percent of eighty?", "Good evening.", "Tell me the time.", "Repeat that, please.",
        "What is six times seven?", "Are you a robot?", "I have a question.", "See you later.",
    ]

    /// Sentences of everyday speech.
    static let sentences = questions.map { $0.replacing("?", with: ".") }

    /// The engines on the models in `folder`.
    static func engines(_ folder: String, synthesizers: [String]? = nil) throws -> SpeechEngines {
        var configuration = SpeechEngines.Configuration()
        configuration.models = ModelStore(folder: folder)
        if let synthesizers { configuration.synthesizers = synthesizers }
        return try SpeechEngines(configuration: configuration)
    }

    /// The words of a text in lower case without punctuation.
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }

    /// The least number of words inserted, left out or replaced that turn `reference` into `heard`.
    static func wordErrors(_ heard: [String], reference: [String]) -> Int {
        var row = Array(0...heard.count)
        for (i, expected) in reference.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, word) in heard.enumerated() {
                (diagonal, row[j + 1]) = (
                    row[j + 1], min(row[j], row[j + 1], diagonal - (expected == word ? 1 : 0)) + 1
                )
            }
        }
        return row[heard.count]
    }
}
