/// Numbers with units, percent and degrees.
extension EnglishReader {
    private struct Unit {
        var one: String
        var many: String
        /// Only when it touches the number: alone it is more often a word or a letter.
        var touches: Bool
    }

    private static let units: [String: Unit] = {
        let written = """
            km kilometer; cm centimeter; mm millimeter; m meter; µm micrometer; μm micrometer; nm nanometer; mi mile; \
            yd yard; ft foot feet; kg kilogram; g gram; mg milligram; µg microgram; μg microgram; mcg microgram; \
            lb pound; lbs pound; oz ounce; kcal kilocalorie; cal calorie; l liter; L liter; ml milliliter; \
            mL milliliter; cl centiliter; dl deciliter; gal gallon; qt quart; tbsp tablespoon; tsp teaspoon; \
            h hour; hr hour; hrs hour; min minute; mins minute; sec second; secs second; ms millisecond; \
            µs microsecond; μs microsecond; ns nanosecond; wk week; wks week; yr year; yrs year; mo month; mos month; \
            mph mile_per_hour miles_per_hour; kph kilometer_per_hour kilometers_per_hour; \
            kmh kilometer_per_hour kilometers_per_hour; rpm revolution_per_minute revolutions_per_minute; \
            fps frame_per_second frames_per_second; bpm beat_per_minute beats_per_minute; \
            ppm part_per_million parts_per_million; dpi dot_per_inch dots_per_inch; mpg mile_per_gallon \
            miles_per_gallon; Hz hertz hertz; kHz kilohertz kilohertz; MHz megahertz megahertz; GHz gigahertz \
            gigahertz; W watt; kW kilowatt; MW megawatt; GW gigawatt; kWh kilowatt_hour; Wh watt_hour; MWh \
            megawatt_hour; mAh milliamp_hour; mA milliamp; kV kilovolt; mV \
            millivolt; V volt; kB kilobyte; KB kilobyte; MB megabyte; \
            GB gigabyte; TB terabyte; PB petabyte; KiB kibibyte; MiB mebibyte; GiB gibibyte; TiB tebibyte; kb kilobit; \
            Mb megabit; Gb gigabit; kbps kilobit_per_second kilobits_per_second; Kbps kilobit_per_second \
            kilobits_per_second; Mbps megabit_per_second megabits_per_second; Gbps gigabit_per_second \
            gigabits_per_second; dB decibel; Pa pascal; kPa kilopascal; hPa hectopascal; bar bar bar; psi \
            pound_per_square_inch pounds_per_square_inch; kN kilonewton; Nm newton_meter; kJ kilojoule; MJ megajoule; \
            kΩ kilohm; Ω ohm; ha hectare; sqm square_meter; sqft square_foot square_feet; px pixel; MP megapixel; \
            pts point; pcs piece; pct percent percent
            """
        let touching = "s second; in inch inches; F degree_Fahrenheit degrees_Fahrenheit"
        var units: [String: Unit] = [:]
        for (list, touches) in [(written, false), (touching, true)] {
            for entry in list.split(separator: ";") {
                let words = entry.split(whereSeparator: \.isWhitespace).map { String($0).replacing("_", with: " ") }
                let one = words[1]
                let many = words.count > 2 ? words[2] : one + "s"
                units[words[0]] = Unit(one: one, many: many, touches: touches)
            }
        }
        return units
    }()

    /// What may follow a slash: "per hour".
    private static let rates: [String: String] = [
        "h": "hour", "hr": "hour", "hour": "hour", "s": "second", "sec": "second", "second": "second", "min": "minute",
        "minute": "minute", "d": "day", "day": "day", "wk": "week", "week": "week", "mo": "month", "mth": "month",
        "month": "month", "yr": "year", "y": "year", "year": "year", "a": "year", "kg": "kilogram", "g": "gram",
        "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "m": "meter", "km": "kilometer",
        "lb": "pound", "oz": "ounce", "mi": "mile", "gal": "gallon", "person": "person", "night": "night",
        "user": "user", "unit": "unit", "piece": "piece", "seat": "seat", "ea": "each", "kWh": "kilowatt hour",
        "MWh": "megawatt hour", "GB": "gigabyte", "ha": "hectare", "dl": "deciliter", "dL": "deciliter",
    ]

    /// ` per hour` for `/h` at `index`, and where it ends.
    func rate(at index: Int) -> Match? {
        guard isGlued(index, "/"), let word = glued(index + 1), word.kind == .word, let name = Self.rates[word.text]
        else { return nil }
        let power = glued(index + 2).flatMap { Self.powers[$0.text] }
        // "per square meter", but "per second squared"
        let isTime = ["second", "minute", "hour"].contains(name)
        let words =
            " per " + (isTime ? "" : power.map { $0 + " " } ?? "") + name + (isTime && power != nil ? " squared" : "")
        return Match(words: words, end: index + (power == nil ? 2 : 3))
    }

    private static let powers = ["²": "square", "³": "cubic"]

    /// The amount with the unit that follows it.
    func unitMatch(_ amount: Amount, at index: Int) -> Match? {
        guard let next = token(amount.end) else { return nil }
        if let match = percentOrDegreeMatch(amount, next) { return match }
        // "a 5-km run"
        if next.text == "-", !next.isSpaced, let unit = glued(amount.end + 1), unit.kind == .word,
            let known = Self.units[unit.text], !known.touches
        {
            return Match(words: amount.words + " " + known.one, end: amount.end + 2)
        }
        guard next.kind == .word else { return heightMatch(amount, at: index) }
        if let squares = squareMatch(amount, next) { return squares }
        guard let unit = Self.units[next.text], !next.isSpaced || !unit.touches, isUnit(next, at: amount.end) else {
            return nil
        }
        var end = amount.end + 1
        let power = glued(end).flatMap { Self.powers[$0.text] }
        if power != nil { end += 1 }
        let isAttribute = isAttribute(index, end: end)
        let name = amount.isSingular || isAttribute ? unit.one : unit.many
        var words = amount.words + " " + (power.map { $0 + " " } ?? "") + name
        if let rate = rate(at: end) {
            words += rate.words
            end = rate.end
        }
        // "5 ft. tall": the full stop belongs to the unit unless the sentence ends.
        if isGlued(end, "."), ["ft", "lb", "lbs", "oz", "hr", "hrs", "min", "sec", "yrs", "in"].contains(next.text),
            let after = token(end + 1), after.isSpaced, !after.isCapitalized
        {
            end += 1
        }
        return Match(words: words, end: end)
    }

    /// Whether letters such as "m" or "g" mean a unit here and not a word that goes on: "5 m-plan", "5 h's".
    private func isUnit(_ unit: Token, at index: Int) -> Bool {
        guard let after = glued(index + 1) else { return true }
        if after.kind == .digits { return false }
        return !(unit.text.utf8.count == 1 && (after.text == "'" || after.text == "&"))
    }

    private static let noNouns: Set<String> = [
        "a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "for", "from", "by", "per", "is", "was", "are",
        "were", "has", "had", "if", "as", "than", "that", "which", "when", "while", "but", "with", "each", "every",
        "more", "less", "it", "he", "she", "they", "we", "you", "away", "ago", "later", "off", "so", "because", "total",
    ]

    /// Whether the amount from `index` to `end` belongs to a noun: "a $5 bill", "a 10 km run".
    func isAttribute(_ index: Int, end: Int) -> Bool {
        guard let article = word(index - 1), article == "a" || article == "an", let noun = token(end),
            noun.kind == .word, noun.isSpaced, !noun.isCapitalized
        else { return false }
        return !Self.noNouns.contains(noun.text)
    }

    private func percentOrDegreeMatch(_ amount: Amount, _ next: Token) -> Match? {
        switch next.text {
        case "%":
            return Match(words: amount.words + " percent", end: amount.end + 1)
        case "‰":
            return Match(words: amount.words + " per mille", end: amount.end + 1)
        case "℃":
            return Match(words: amount.words + degrees(amount) + " Celsius", end: amount.end + 1)
        case "℉":
            return Match(words: amount.words + degrees(amount) + " Fahrenheit", end: amount.end + 1)
        case "°", "º":
            let scales = ["C": "Celsius", "F": "Fahrenheit", "N": "north", "S": "south", "E": "east", "W": "west"]
            if let scale = token(amount.end + 1), !scale.isSpaced || scale.text == "C" || scale.text == "F",
                let name = scales[scale.text]
            {
                return Match(words: amount.words + degrees(amount) + " " + name, end: amount.end + 2)
            }
            return Match(words: amount.words + degrees(amount), end: amount.end + 1)
        default:
            return nil
        }
    }

    private func degrees(_ amount: Amount) -> String { amount.isSingular ? " degree" : " degrees" }

    /// `5 sq ft`, `3 cu m`.
    private func squareMatch(_ amount: Amount, _ next: Token) -> Match? {
        guard let power = ["sq": "square", "cu": "cubic"][next.text] else { return nil }
        let index = isGlued(amount.end + 1, ".") ? amount.end + 2 : amount.end + 1
        guard let unit = token(index), let known = Self.units[unit.text] else { return nil }
        return Match(words: "\(amount.words) \(power) \(amount.isSingular ? known.one : known.many)", end: index + 1)
    }

    /// `6'2"`, `5′`, `12″`.
    private func heightMatch(_ amount: Amount, at index: Int) -> Match? {
        guard let mark = glued(amount.end), let number = amount.plain, number.decimals == nil || mark.text == "″" else {
            return nil
        }
        if ["'", "’", "′"].contains(mark.text) {
            guard let inches = gluedDigits(amount.end + 1), inches.utf8.count <= 2 else {
                guard mark.text == "′" else { return nil }
                return Match(words: amount.words + (amount.isSingular ? " foot" : " feet"), end: amount.end + 1)
            }
            let isClosed = glued(amount.end + 2).map { ["\"", "”", "″"].contains($0.text) } ?? false
            let isHeight = Int(number.whole).map((3...8).contains) == true && Int(inches).map((0...11).contains) == true
            guard isClosed || isHeight else { return nil }
            let end = isClosed ? amount.end + 3 : amount.end + 2
            return Match(words: "\(amount.words) foot \(EnglishNumbers.number(inches))", end: end)
        }
        guard mark.text == "″" else { return nil }
        return Match(words: amount.words + (amount.isSingular ? " inch" : " inches"), end: amount.end + 1)
    }
}
