/// The English words of numbers, for reading and for writing them.
enum EnglishNumbers {
    /// 0 to 19.
    static let smallWords = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    /// 20, 30 and so on to 90.
    static let tensWords = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    /// Powers of a thousand, from 1000 up.
    static let scaleWords = ["thousand", "million", "billion", "trillion", "quadrillion"]
    /// The ordinals that do not merely add "th".
    static let irregularOrdinals = [
        "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
        "twelve": "twelfth",
    ]

    /// The values of ``smallWords``.
    static let small = Dictionary(uniqueKeysWithValues: zip(smallWords, 0...))
    /// The values of ``tensWords``.
    static let tens = Dictionary(uniqueKeysWithValues: zip(tensWords, stride(from: 20, to: 100, by: 10)))
    /// The values of ``scaleWords``, as far as recognised speech needs them.
    static let scales: [String: Double] = ["thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12]
}
