/// Amounts of money, with the sign or the code before or after them.
extension EnglishReader {
    private struct Currency {
        var one: String
        var many: String
        var cent: String?
        var cents: String?
    }

    private static let currencies: [String: Currency] = {
        // Sign or code, singular, plural, and the same of its hundredth.
        let table = """
            $ dollar dollars cent cents; US$ US_dollar US_dollars cent cents; USD US_dollar US_dollars cent cents; \
            € euro euros cent cents; EUR euro euros cent cents; £ pound pounds penny pence; \
            GBP pound pounds penny pence; ¥ yen yen; JPY yen yen; CNY yuan yuan; RMB yuan yuan; \
            ₹ rupee rupees paisa paise; INR rupee rupees paisa paise; ₽ ruble rubles kopeck kopecks; \
            RUB ruble rubles kopeck kopecks; ₩ won won; KRW won won; ₪ shekel shekels; ILS shekel shekels; \
            ₺ lira lira; TRY lira lira; ₴ hryvnia hryvnias; UAH hryvnia hryvnias; ₿ bitcoin bitcoins; \
            BTC bitcoin bitcoins; ₫ dong dong; ฿ baht baht; ₦ naira naira; ₱ peso pesos; \
            CHF Swiss_franc Swiss_francs; CAD Canadian_dollar Canadian_dollars cent cents; \
            C$ Canadian_dollar Canadian_dollars cent cents; CA$ Canadian_dollar Canadian_dollars cent cents; \
            AUD Australian_dollar Australian_dollars cent cents; A$ Australian_dollar Australian_dollars cent cents; \
            AU$ Australian_dollar Australian_dollars cent cents; NZ$ New_Zealand_dollar New_Zealand_dollars cent cents; \
            NZD New_Zealand_dollar New_Zealand_dollars cent cents; HK$ Hong_Kong_dollar Hong_Kong_dollars cent cents; \
            HKD Hong_Kong_dollar Hong_Kong_dollars cent cents; S$ Singapore_dollar Singapore_dollars cent cents; \
            SGD Singapore_dollar Singapore_dollars cent cents; R$ real reais; BRL real reais; MXN Mexican_peso \
            Mexican_pesos; SEK Swedish_krona Swedish_kronor; NOK Norwegian_krone Norwegian_kroner; DKK Danish_krone \
            Danish_kroner; PLN zloty zlotys; CZK Czech_koruna Czech_korunas; HUF forint forints; ZAR rand rand; \
            ¢ cent cents
            """
        var currencies: [String: Currency] = [:]
        for entry in table.split(separator: ";") {
            let words = entry.split(whereSeparator: \.isWhitespace).map { String($0).replacing("_", with: " ") }
            currencies[words[0]] = Currency(
                one: words[1],
                many: words[2],
                cent: words.count > 3 ? words[3] : nil,
                cents: words.count > 4 ? words[4] : nil
            )
        }
        return currencies
    }()

    /// The currency written at `index`, and the first token after it: `$`, `US$`, `USD`.
    private func currency(at index: Int) -> (currency: Currency, end: Int)? {
        guard let token = token(index) else { return nil }
        if token.kind == .word {
            if isGlued(index + 1, "$"), let known = Self.currencies[token.text + "$"] { return (known, index + 2) }
            guard token.text.utf8.count == 3, let known = Self.currencies[token.text] else { return nil }
            return (known, index + 1)
        }
        guard token.kind == .mark, let known = Self.currencies[token.text] else { return nil }
        return (known, index + 1)
    }

    /// `$500`, `$-5`, `€12,50`, `USD 500`, `$5–$10`.
    func currencyMatch(at index: Int) -> Match? {
        guard let (currency, start) = currency(at: index) else { return nil }
        // "INR5" is written with and without a space, "$ 5" too.
        var first = start
        var sign = ""
        if let minus = token(first), minus.text == "-" || minus.text == "−", gluedDigits(first + 1) != nil {
            sign = "minus "
            first += 1
        }
        guard let match = money(currency, at: first, from: index) else { return nil }
        return Match(words: sign + match.words, end: match.end)
    }

    private func money(_ currency: Currency, at first: Int, from index: Int) -> Match? {
        if var exact = exactMoney(currency, at: first) {
            // "a $2.50 coffee"
            if isAttribute(index, end: exact.end) {
                let single = Currency(one: currency.one, many: currency.one, cent: currency.cent, cents: currency.cent)
                exact = exactMoney(single, at: first) ?? exact
            }
            // A range of exact amounts.
            if let second = secondAmount(after: exact.end), let other = exactMoney(currency, at: second) {
                return Match(words: exact.words + " to " + other.words, end: other.end)
            }
            guard !isDash(exact.end) || token(exact.end + 1)?.kind != .digits else { return nil }
            return addingRate(to: exact)
        }
        guard var amount = amount(at: first, isMoney: true) else { return pointMoney(currency, at: first) }
        if let second = secondAmount(after: amount.end),
            let other = self.amount(at: second, isMoney: true, allowsRange: false)
        {
            amount = Amount(words: amount.words + " to " + other.words, isSingular: false, end: other.end)
        }
        let isAttribute = isAttribute(index, end: amount.end) || isGlued(amount.end, "-")
        // "a dollar's worth" is said as it stands.
        let name = amount.isSingular || isAttribute ? currency.one : currency.many
        return addingRate(to: Match(words: amount.words + " " + name, end: amount.end))
    }

    /// `$.50`
    private func pointMoney(_ currency: Currency, at first: Int) -> Match? {
        guard isGlued(first, "."), let digits = gluedDigits(first + 1) else { return nil }
        if digits.utf8.count == 2, let words = cents(digits, currency) { return Match(words: words, end: first + 2) }
        return Match(words: "zero point \(EnglishNumbers.digits(digits)) \(currency.many)", end: first + 2)
    }

    /// The number after a dash and, if it is repeated, the sign of the currency.
    private func secondAmount(after index: Int) -> Int? {
        guard isDash(index), let mark = token(index), !mark.isSpaced || mark.text == "–", token(index + 1) != nil else {
            return nil
        }
        if let (_, end) = currency(at: index + 1), token(index + 1)?.kind == .mark {
            return token(end)?.kind == .digits ? end : nil
        }
        return token(index + 1)?.kind == .digits && number(at: index + 1)?.decimals != nil ? index + 1 : nil
    }

    private func addingRate(to match: Match) -> Match {
        guard let rate = rate(at: match.end) else { return match }
        return Match(words: match.words + rate.words, end: rate.end)
    }

    /// An amount with two decimals, in the currency and its hundredth: `12.50`, `12,50`.
    private func exactMoney(_ currency: Currency, at index: Int) -> Match? {
        guard currency.cent != nil, var number = number(at: index) else { return nil }
        // A comma before two digits is a decimal one.
        if number.decimals == nil, isGlued(number.end, ","), let digits = gluedDigits(number.end + 1),
            digits.utf8.count == 2
        {
            number.decimals = digits
            number.end += 2
        }
        guard let decimals = number.decimals, decimals.utf8.count == 2 else { return nil }
        if let next = token(number.end), next.kind == .word {
            if Self.multiplierWords.contains(next.text) { return nil }
            if !next.isSpaced, Self.multipliers[next.text] != nil || ["m", "b"].contains(next.text) { return nil }
            if next.isSpaced, next.text.utf8.count > 1, Self.multipliers[next.text] != nil { return nil }
        }
        let isNothing = number.whole.utf8.allSatisfy { $0 == UInt8(ascii: "0") }
        let whole = EnglishNumbers.number(number.whole) + " " + (number.whole == "1" ? currency.one : currency.many)
        guard let cents = cents(decimals, currency) else { return Match(words: whole, end: number.end) }
        return Match(words: isNothing ? cents : whole + " and " + cents, end: number.end)
    }

    private func cents(_ digits: String, _ currency: Currency) -> String? {
        guard let value = Int(digits), value > 0, let one = currency.cent, let many = currency.cents else { return nil }
        return EnglishNumbers.cardinal(value) + " " + (value == 1 ? one : many)
    }

    /// The currency after the amount: `500 €`, `12,50 €`, `50¢`, `500 USD`.
    func moneyMatch(after amount: Amount, at index: Int) -> Match? {
        var end = amount.end
        var hasComma = false
        if isGlued(end, ","), let digits = gluedDigits(end + 1), digits.utf8.count == 2 {
            hasComma = true
            end += 2
        }
        guard let (currency, after) = currency(at: end) else { return nil }
        // "5 $10 bills": the sign belongs to what follows.
        if let next = token(after), next.kind == .digits, !next.isSpaced { return nil }
        if hasComma || amount.plain?.decimals != nil, let exact = exactMoney(currency, at: index), exact.end == end {
            return addingRate(to: Match(words: exact.words, end: after))
        }
        guard !hasComma else { return nil }
        return addingRate(
            to: Match(words: amount.words + " " + (amount.isSingular ? currency.one : currency.many), end: after)
        )
    }
}
