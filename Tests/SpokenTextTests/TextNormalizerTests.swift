import Testing

@testable import SpokenText

@Suite struct TextNormalizerTests {
    private func check(_ text: String, _ spoken: String) {
        #expect(TextNormalizer(language: "en-US").spoken(text) == spoken)
    }

    @Test(arguments: [
        ("$500", "five hundred dollars"), ("$1", "one dollar"), ("$1.4 billion", "one point four billion dollars"),
        ("a $1.4 billion deal", "a one point four billion dollar deal"), ("a $5 bill", "a five dollar bill"),
        ("€12.50", "twelve euros and fifty cents"), ("12,50 €", "twelve euros and fifty cents"),
        ("£3.20", "three pounds and twenty pence"), ("$0.99", "ninety-nine cents"), ("$.50", "fifty cents"),
        ("$1.01", "one dollar and one cent"), ("$12.00", "twelve dollars"), ("-$5", "minus five dollars"),
        ("$-5", "minus five dollars"), ("$5-10", "five to ten dollars"), ("$5–$10", "five to ten dollars"),
        ("$5.50-$7.25", "five dollars and fifty cents to seven dollars and twenty-five cents"),
        ("$5k", "five thousand dollars"), ("£2m", "two million pounds"), ("$1.4bn", "one point four billion dollars"),
        ("$5 million–$10 million", "five million to ten million dollars"), ("$20/hr", "twenty dollars per hour"),
        ("500 USD", "five hundred US dollars"), ("USD 500", "five hundred US dollars"), ("50¢", "fifty cents"),
        ("¥500", "five hundred yen"), ("₹100", "one hundred rupees"), ("C$20", "twenty Canadian dollars"),
        ("$12,345.67", "twelve thousand three hundred forty-five dollars and sixty-seven cents"),
        ("1.234,56 €", "one thousand two hundred thirty-four euros and fifty-six cents"),
        ("a $2.50 coffee", "a two dollar and fifty cent coffee"), ("It costs $500.", "It costs five hundred dollars."),
    ])
    func `money`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("0", "zero"), ("42", "forty-two"), ("105", "one hundred five"),
        ("1,234,567", "one million two hundred thirty-four thousand five hundred sixty-seven"),
        ("3.14", "three point one four"), ("0.5", "zero point five"), (".5", "point five"), ("-5", "minus five"),
        ("−5", "minus five"), ("007", "zero zero seven"), ("5-10", "five to ten"), ("5–10", "five to ten"),
        ("5 – 10", "five to ten"), ("10-15%", "ten to fifteen percent"), ("5.5 %", "five point five percent"),
        ("1st, 2nd, 3rd, 21st, 100th", "first, second, third, twenty-first, one hundredth"),
        ("1/2", "one half"), ("3/4 cup", "three quarters cup"), ("1 1/2 cups", "one and a half cups"),
        ("2½", "two and a half"), ("8/10", "eight out of ten"), ("24/7", "twenty-four seven"),
        ("10x faster", "ten times faster"), ("3x4", "three by four"), ("1920x1080", "nineteen twenty by ten eighty"),
        ("5k users", "five thousand users"), ("5M users", "five million users"), ("#1", "number one"),
        ("№ 5", "number five"), ("No. 5", "number five"), ("~5", "about five"), ("18+", "eighteen plus"),
        ("12345678901", "one two three four five six seven eight nine zero one"), ("10,000", "ten thousand"),
        ("5 million people", "five million people"), ("1,5", "one, five"), ("1 000 000", "one million"),
        ("1'000", "one thousand"), ("100 200", "one hundred two hundred"),
        ("10% – 15%", "ten percent to fifteen percent"), ("0x1F", "zero x one F"), ("5-10-15", "five, ten, fifteen"),
        ("5-year-old", "five year-old"),
    ])
    func `numbers`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("in 1984", "in nineteen eighty-four"), ("2026", "twenty twenty-six"), ("1905", "nineteen oh five"),
        ("in 1984 and 2026", "in nineteen eighty-four and twenty twenty-six"),
        ("2000", "two thousand"), ("2005", "two thousand five"), ("in 1066", "in ten sixty-six"),
        ("1500 people", "one thousand five hundred people"), ("2000 words", "two thousand words"),
        ("the 1990s", "the nineteen nineties"), ("the '90s", "the nineties"), ("in the 90s", "in the nineties"),
        ("music, '90s style", "music, nineties style"),
        ("30s", "thirty seconds"), ("2019-2024", "twenty nineteen to twenty twenty-four"),
        ("1990-95", "nineteen ninety to ninety-five"), ("class of '98", "class of ninety-eight"),
    ])
    func `years`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("2026-11-30", "November thirtieth, twenty twenty-six"),
        ("11/30/2026", "November thirtieth, twenty twenty-six"),
        ("30/11/2026", "November thirtieth, twenty twenty-six"), ("03/04/2026", "three, four, twenty twenty-six"),
        ("30.11.2026", "November thirtieth, twenty twenty-six"),
        ("Nov. 30, 2026", "November thirtieth, twenty twenty-six"), ("May 5", "May fifth"), ("may 5", "may five"),
        ("30 November 2026", "the thirtieth of November, twenty twenty-six"),
        ("the 4th of July", "the fourth of July"), ("March 2025", "March twenty twenty-five"),
        ("Mon-Fri", "Monday to Friday"), ("Jan-Mar", "January to March"), ("Sat on the mat", "Sat on the mat"),
        ("2026-11-30T15:30:00Z", "November thirtieth, twenty twenty-six at fifteen thirty UTC"),
    ])
    func `dates`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("3:30 pm", "three thirty PM"), ("3:05", "three oh five"), ("3:00", "three o'clock"),
        ("15:30", "fifteen thirty"),
        ("18:00", "eighteen hundred"), ("00:00", "midnight"), ("3pm", "three PM"),
        ("at 3 p.m. today", "at three PM today"),
        ("at 3 p.m.", "at three PM."), ("9am-5pm", "nine AM to five PM"), ("3-4 pm", "three to four PM"),
        ("9:00-17:30", "nine o'clock to seventeen thirty"), ("1h30m", "one hour thirty minutes"),
        ("16:9", "sixteen to nine"), ("I am 3.", "I am three."),
    ])
    func `times`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("555-1234", "five five five, one two three four"),
        ("(555) 123-4567", "five five five, one two three, four five six seven"),
        ("1-800-555-1234", "one, eight hundred, five five five, one two three four"),
        ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
        ("100-1000", "one hundred to one thousand"), ("v1.2.3", "version one point two point three"),
        ("10.0.0.1", "ten dot zero dot zero dot one"), ("1-800-FLOWERS", "one, eight hundred, FLOWERS"),
        ("H.264", "H two hundred sixty-four"),
        ("127.0.0.1:8080", "one hundred twenty-seven dot zero dot zero dot one port eight thousand eighty"),
        ("PIN 1234", "PIN one two three four"),
        ("COVID-19", "COVID nineteen"), ("A4", "A four"), ("MP3", "MP three"), ("B2B", "B two B"),
    ])
    func `numbers that are names`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("5km", "five kilometers"), ("1 kg", "one kilogram"), ("a 10 km run", "a ten kilometer run"),
        ("100 km/h", "one hundred kilometers per hour"), ("5 m²", "five square meters"),
        ("20 °C", "twenty degrees Celsius"),
        ("-5°C", "minus five degrees Celsius"), ("68°F", "sixty-eight degrees Fahrenheit"),
        ("45°", "forty-five degrees"),
        ("9.81 m/s²", "nine point eight one meters per second squared"), ("20 min. ago", "twenty minutes ago"),
        ("16 GB", "sixteen gigabytes"), ("70 mph", "seventy miles per hour"), ("6'2\"", "six foot two"),
        ("5-10 km", "five to ten kilometers"), ("5 in the morning", "five in the morning"), ("4K", "four K"),
    ])
    func `units`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("World War II", "World War two"), ("World War I was", "World War one was"), ("Henry VIII", "Henry the eighth"),
        ("Henry VIII's wives", "Henry the eighth's wives"), ("King Charles I was", "King Charles the first was"),
        ("Elizabeth I was crowned", "Elizabeth the first was crowned"),
        ("So with Charles I was", "So with Charles I was"),
        ("Louis XIV.", "Louis the fourteenth."), ("Chapter IV", "Chapter four"),
        ("Super Bowl LVIII", "Super Bowl fifty-eight"),
        ("the XIX century", "the nineteenth century"), ("Rocky II", "Rocky two"), ("Malcolm X", "Malcolm X"),
        ("John D. Rockefeller III", "John D Rockefeller the third"), ("MIX and I", "MIX and I"),
        ("the part I like", "the part I like"), ("Act I", "Act one"), ("WWII", "World War two"),
        ("DIV and CIVIL", "DIV and CIVIL"),
    ])
    func `Roman numerals`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("Mr. and Mrs. Smith", "Mister and Missus Smith"), ("Dr. Smith of Rodeo Dr.", "Doctor Smith of Rodeo Drive."),
        ("St. John of Main St.", "Saint John of Main Street."),
        ("12 Main St. Springfield", "twelve Main Street Springfield"),
        ("King Jr. spoke", "King Junior spoke"), ("Davis, Jr., sang", "Davis, Junior, sang"),
        ("e.g. this", "for example this"),
        ("i.e. that", "that is that"), ("pens, etc.", "pens, et cetera."), ("A vs. B", "A versus B"),
        ("the U.S. Army", "the U S Army"), ("pp. 3-5", "pages three to five"), ("Fig. 3", "figure three"),
        ("5th Ave.", "fifth Avenue."), ("/etc/hosts", "slash etc hosts"),
        ("No. I won't.", "No. I won't."), ("J. Smith", "J Smith"), ("Smith et al. wrote", "Smith and others wrote"),
    ])
    func `abbreviations`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: [
        ("3 < 5", "three is less than five"), ("if x > y then", "if x is greater than y then"),
        ("<5%", "less than five percent"),
        ("x ≤ 5", "x is less than or equal to five"), ("x >= 5", "x is greater than or equal to five"),
        ("2 + 2 = 4", "two plus two equals four"), ("5 - 3", "five minus three"), ("2*3", "two times three"),
        ("6 / 2", "six divided by two"), ("y^2", "y squared"), ("A -> B", "A to B"), ("A → B", "A to B"),
        ("R&D", "R and D"), ("Tom & Jerry", "Tom and Jerry"), ("a@b.com", "a at b dot com"),
        ("example.com", "example dot com"), ("C# and C++", "C sharp and C plus plus"), ("snake_case", "snake case"),
        ("#winning", "hashtag winning"), ("and/or", "and or"), ("w/o", "without"),
        ("© 2026", "copyright twenty twenty-six"),
        ("H₂O", "H two O"), ("List<Int>", "List Int"), ("well-known - yes", "well-known - yes"),
    ])
    func `signs`(text: String, spoken: String) { check(text, spoken) }

    @Test(arguments: ["de", "fr-FR", "zh", nil, ""] as [String?])
    func `text in a language without rules stays as it is`(language: String?) {
        let text = "World War II: $500, 5-10 km & 3.14"
        #expect(TextNormalizer(language: language).spoken(text) == text)
    }

    @Test(arguments: ["en", "en-us", "en_GB", "EN", "en-gb-scotland"])
    func `every English has the rules`(language: String) {
        #expect(TextNormalizer(language: language).spoken("5") == "five")
    }

    @Test(arguments: [
        "Hello there. How are you?", "Well, yes; no: \"quoted\" (aside)… it's — fine!", "你好，世界。",
        "don't O'Neil naïve café",
    ])
    func `plain prose stays as it is`(text: String) { check(text, text) }

    @Test func `numbers are written as they are read`() {
        for value in [0, 7, 13, 20, 42, 99, 100, 101, 110, 999, 1000, 1001, 12_345, 1_000_000, 987_654_321] {
            let words = EnglishNumbers.cardinal(value).split { $0 == " " || $0 == "-" }.map(String.init)
            #expect(NumberWords.read(words[...]) == .init(value: Double(value), count: words.count))
        }
    }
}
