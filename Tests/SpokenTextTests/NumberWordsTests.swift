import Testing

@testable import SpokenText

@Suite struct NumberWordsTests {
    @Test(arguments: [
        ("zero", 0.0), ("seven", 7), ("nineteen", 19), ("twenty", 20), ("twenty five", 25), ("one hundred", 100),
        ("a hundred and five", 105), ("one hundred five", 105), ("nineteen hundred", 1900),
        ("two thousand twenty six", 2026), ("three million two hundred thousand and one", 3_200_001),
        ("one hundred thousand", 100_000), ("3 million", 3_000_000), ("2.5 thousand", 2500), ("42", 42),
        ("three point one four", 3.14), ("point five", 0.5), ("zero point two five", 0.25), ("3 point 14", 3.14),
        ("two point twenty five", 2.25), ("999 trillion", 999e12),
    ])
    func `whole phrases are one number`(phrase: String, value: Double) {
        let words = phrase.split(separator: " ").map(String.init)
        #expect(NumberWords.read(words[...]) == .init(value: value, count: words.count))
    }

    @Test(arguments: [
        ("two three", 2.0, 1), ("twenty thirty", 20, 1), ("five and six", 5, 1), ("one hundred and", 100, 2),
        ("one hundred and dogs", 100, 2), ("nineteen eighty four", 19, 1), ("six hundred hundred", 600, 2),
        ("two million three million", 2_000_003, 3), ("zero five", 0, 1), ("three point", 3, 1), ("20 5", 20, 1),
        ("one point five point one", 1.5, 3),
    ])
    func `a number ends where the next begins`(phrase: String, value: Double, count: Int) {
        let words = phrase.split(separator: " ").map(String.init)
        #expect(NumberWords.read(words[...]) == .init(value: value, count: count))
    }

    @Test(arguments: [
        "", "dog", "hundred", "thousand", "and five", "a dog", "a", "point", "point dog", "0x10", "1e5", "...",
    ])
    func `other words are no numbers`(phrase: String) {
        #expect(NumberWords.read(phrase.split(separator: " ").map(String.init)[...]) == nil)
    }

    @Test func `huge numbers are read without harm`() {
        let words = ["9999999999999999", "trillion", "point", "five"]
        #expect(NumberWords.read(words[...])?.count == 2)
        #expect(NumberWords.read([String(repeating: "9", count: 400)]) == nil)
    }
}
