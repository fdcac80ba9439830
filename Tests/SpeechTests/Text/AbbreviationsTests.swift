import Testing

@testable import Speech

@Suite struct AbbreviationsTests {
    private func reading(_ word: String) -> Abbreviations.Reading {
        Abbreviations.reading(of: Array(word.unicodeScalars))
    }

    @Test func `every listed abbreviation is known in any case`() {
        let words = """
            mr. mrs. ms. dr. prof. rev. hon. st. jr. sr. gen. gov. etc. e.g. i.e. vs. ca. cf. al. et. ibid. id. viz. sc. op. \
            cit. inf. sup. fl. inc. ltd. dept. apt. approx. fig. no. p. pp. vol. ed. esp. d. b. r. c. v. u.s. u.k. a.m. \
            p.m. a.d. b.c.
            """.split(separator: " ").map(String.init)
        for word in words {
            #expect(reading(word) != .end, "\(word)")
            #expect(reading(word.uppercased()) != .end, "\(word)")
            #expect(word.unicodeScalars.count <= Abbreviations.longest)
        }
    }

    @Test func `ordinary words are not abbreviations`() {
        for word in ["end.", "a.", ".", "you.", "3.", "我.", "misters.", "U.S", ""] {
            #expect(reading(word) == .end, "\(word)")
        }
    }

    @Test func `initials and acronyms may go on`() {
        for word in ["J.", "Я.", "U.S.A.", "N.A.S.A.", "A.B.C.D.E.F."] {
            #expect(reading(word) == .endBeforeOpeningWord, "\(word)")
        }
    }
}
