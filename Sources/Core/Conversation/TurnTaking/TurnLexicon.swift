/// The words of a language by which turns are taken, in lower case.
struct TurnLexicon: Sendable {
    /// Words after which a sentence goes on: conjunctions, articles, prepositions, possessives, auxiliaries.
    let continuing: Set<String>
    /// What people say while they think.
    let fillers: Set<String>
    /// What listeners say without wanting to speak, word by word.
    let backchannels: Set<String>
    /// Phrases said so.
    let backchannelPhrases: Set<String>
    /// Words for digits, in which numbers are dictated.
    let digits: Set<String>
    /// Words that stand in dictated addresses and spellings.
    let dictation: Set<String>
    /// Words with which not even a question ends.
    let neverLast: Set<String>
    /// Words with which a clause begins that another one follows.
    let opening: Set<String>
    /// Words that join the last element of a list.
    let joining: Set<String>
    /// Short words with which people interrupt.
    let interrupting: Set<String>
    /// Words that say that digits are dictated.
    let dictationCues: Set<String>

    /// The words of the language with this BCP 47 tag; those of English for a language without a list.
    static func of(_ language: String?) -> TurnLexicon {
        switch language?.prefix(while: { $0 != "-" }).lowercased() {
        case "de": german
        case "fr": french
        case "es": spanish
        default: english
        }
    }

    static let english = TurnLexicon(
        continuing: [
            "a", "about", "after", "although", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
            "before", "between", "but", "by", "can", "could", "did", "do", "does", "every", "for", "from", "had", "has",
            "have", "he", "her", "his", "i", "i'd", "i'll", "i'm", "i've", "if", "in", "into", "is", "its", "it's",
            "just",
            "like", "may", "might", "must", "my", "named", "of", "on", "or", "our", "really", "she", "should", "since",
            "so", "some", "than", "that", "that's", "the", "their", "then", "these", "they", "this", "those", "though",
            "to", "unless", "until", "very", "was", "we", "we're", "were", "when", "where", "whether", "which", "while",
            "who", "whose", "will", "with", "without", "would", "you're", "your",
        ],
        fillers: [
            "ah", "actually", "basically", "eh", "er", "erm", "hm", "hmm", "like", "mm", "uh", "uhm", "um", "umm",
            "well",
        ],
        backchannels: [
            "ah", "aha", "alright", "cool", "exactly", "fine", "good", "great", "hm", "hmm", "huh", "indeed", "m",
            "mhm",
            "mm", "mmm", "mm-hmm", "mmhmm", "mm-hm", "nice", "oh", "ok", "okay", "okey", "right", "sure", "totally",
            "true",
            "uh-huh", "uhhuh", "uh", "um", "wow", "yea", "yeah", "yep", "yes", "yup",
        ],
        backchannelPhrases: [
            "all right", "fair enough", "go on", "got it", "i know", "i see", "makes sense", "of course",
            "that's right",
            "that makes sense", "that's true", "you know", "uh huh", "mm hmm",
        ],
        digits: [
            "zero", "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "double", "triple",
        ],
        dictation: ["at", "dot", "dash", "hyphen", "underscore", "slash", "colon", "capital", "space", "area", "code"],
        neverLast: [
            "a", "an", "and", "as", "because", "but", "if", "into", "my", "or", "our", "than", "the", "their", "to",
            "your",
        ],
        opening: ["although", "because", "first", "if", "once", "unless", "when", "while"],
        joining: ["and", "or"],
        interrupting: [
            "but", "enough", "excuse", "hang", "hello", "hey", "hold", "no", "quiet", "sorry", "stop", "wait", "what",
            "why",
        ],
        dictationCues: ["account", "card", "code", "number", "phone", "pin", "postcode", "zip"]
    )

    static let german = TurnLexicon(
        continuing: [
            "aber", "als", "am", "an", "auf", "aus", "bei", "bis", "da", "damit", "das", "dass", "dem", "den", "der",
            "des",
            "die", "durch", "ein", "eine", "einem", "einen", "einer", "er", "für", "habe", "hat", "ich", "im", "in",
            "ist",
            "kann", "mein", "meine", "mit", "nach", "ob", "obwohl", "oder", "ohne", "sehr", "sein", "sie", "sind", "so",
            "über", "um", "und", "unter", "vom", "von", "vor", "war", "was", "weil", "wenn", "wer", "wie", "will",
            "wir",
            "wo", "zu", "zum", "zur", "zwischen",
        ],
        fillers: ["äh", "ähm", "also", "hm", "hmm", "naja", "öh", "tja"],
        backchannels: [
            "ach", "aha", "ah", "allerdings", "genau", "gut", "hm", "hmm", "ja", "jaja", "jo", "klar", "mhm", "mm",
            "ok",
            "okay", "richtig", "schön", "so", "stimmt", "super", "toll",
        ],
        backchannelPhrases: ["ach so", "alles klar", "na klar", "ich verstehe", "ja genau", "ach ja"],
        digits: [
            "null", "eins", "zwei", "zwo", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "hundert",
            "tausend",
        ],
        dictation: ["at", "punkt", "strich", "minus", "unterstrich", "doppelpunkt"],
        neverLast: [
            "aber", "das", "dem", "den", "der", "die", "ein", "eine", "einen", "mein", "oder", "und", "weil", "zu",
        ],
        opening: ["falls", "nachdem", "obwohl", "sobald", "wenn", "weil", "zuerst"],
        joining: ["oder", "und"],
        interrupting: [
            "aber", "entschuldigung", "genug", "halt", "hallo", "moment", "nein", "nö", "stopp", "stop", "warte", "was",
            "warum",
        ],
        dictationCues: ["nummer", "kontonummer", "telefonnummer", "code", "pin", "postleitzahl"]
    )

    static let french = TurnLexicon(
        continuing: [
            "à", "ai", "alors", "après", "au", "aux", "avant", "avec", "car", "ce", "cette", "chez", "comme", "dans",
            "de",
            "depuis", "des", "donc", "du", "elle", "en", "entre", "est", "et", "il", "je", "la", "le", "les", "leur",
            "lorsque",
            "ma", "mais", "mes", "mon", "ni", "nous", "on", "or", "ou", "où", "par", "parce", "pour", "puis", "quand",
            "que",
            "qui", "quoi", "sa", "sans", "ses", "si", "son", "sur", "très", "tu", "un", "une", "vers", "vos", "votre",
            "vous",
        ],
        fillers: ["ben", "bah", "euh", "hein", "hum"],
        backchannels: [
            "ah", "accord", "bien", "bon", "exactement", "hm", "mhm", "mm", "oh", "ok", "okay", "oui", "ouais",
            "parfait",
            "super", "tiens", "voilà", "vrai",
        ],
        backchannelPhrases: ["ah bon", "bien sûr", "c'est ça", "c'est vrai", "d'accord", "je vois"],
        digits: ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"],
        dictation: ["arobase", "point", "tiret", "slash"],
        neverLast: [
            "car", "de", "des", "et", "la", "le", "les", "ma", "mais", "mon", "ou", "parce", "que", "un", "une",
        ],
        opening: ["comme", "lorsque", "parce", "quand", "si"],
        joining: ["et", "ou"],
        interrupting: [
            "arrête", "arrêtez", "attends", "attendez", "mais", "non", "pardon", "pourquoi", "quoi", "stop",
        ],
        dictationCues: ["numéro", "code", "carte", "compte", "téléphone"]
    )

    static let spanish = TurnLexicon(
        continuing: [
            "a", "al", "ante", "aunque", "bajo", "como", "con", "cuando", "de", "del", "desde", "donde", "e", "el",
            "ella",
            "en", "entre", "es", "esta", "este", "hacia", "hasta", "la", "las", "los", "mi", "mis", "muy", "ni", "o",
            "para",
            "pero", "por", "porque", "pues", "que", "quien", "según", "si", "sin", "sobre", "son", "su", "sus", "tan",
            "tras",
            "tu", "un", "una", "unos", "y", "ya", "yo",
        ],
        fillers: ["eh", "em", "este", "mm", "pues"],
        backchannels: [
            "ah", "ajá", "bien", "bueno", "claro", "cierto", "exacto", "hm", "mhm", "mm", "oh", "ok", "okay",
            "perfecto",
            "sí", "vale", "ya",
        ],
        backchannelPhrases: ["de acuerdo", "por supuesto", "ya veo", "claro que sí", "así es"],
        digits: ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"],
        dictation: ["arroba", "punto", "guion", "barra"],
        neverLast: ["de", "el", "la", "las", "los", "mi", "o", "pero", "porque", "que", "su", "tu", "un", "una", "y"],
        opening: ["aunque", "como", "cuando", "porque", "primero", "si"],
        joining: ["o", "y"],
        interrupting: ["basta", "espera", "no", "para", "pare", "perdón", "pero", "qué", "stop"],
        dictationCues: ["número", "código", "tarjeta", "cuenta", "teléfono"]
    )
}

extension TurnLexicon {
    /// The words of a text, in lower case, without the signs around them.
    static func words(of text: String) -> [String] {
        text.lowercased().replacing("’", with: "'").split(whereSeparator: \.isWhitespace).compactMap { part in
            let word = part.drop { !$0.isLetter && !$0.isNumber }.reversed().drop { !$0.isLetter && !$0.isNumber }
                .reversed()
            return word.isEmpty ? nil : String(word)
        }
    }

    /// Whether a listener says this without wanting to speak. A sound without words, such as a cough, is none of it.
    func isBackchannel(_ text: String) -> Bool {
        let words = Self.words(of: text)
        guard !words.isEmpty, words.count <= 4 else { return false }
        return isBackchannel(words[...])
    }

    private func isBackchannel(_ words: ArraySlice<String>) -> Bool {
        guard let first = words.first else { return true }
        if backchannels.contains(first), isBackchannel(words.dropFirst()) { return true }
        return (1...3).contains { count in
            words.count >= count && backchannelPhrases.contains(words.prefix(count).joined(separator: " "))
                && isBackchannel(words.dropFirst(count))
        }
    }

    /// Whether a transcript has no words, as what recognisers make of a cough: nothing, signs, or a note in brackets.
    static func isWordless(_ text: String) -> Bool {
        var depth = 0
        for character in text {
            if "([*♪".contains(character), !(character == "*" && depth > 0) {
                depth += 1
            } else if ")]*♪".contains(character) {
                depth = max(0, depth - 1)
            } else if depth == 0, character.isLetter || character.isNumber {
                return false
            }
        }
        return true
    }
}
