/// The characters that HTML writes as `&name;` or `&#number;`.
enum HTMLEntities {
    /// The longest reference, in scalars, without `&` and `;`.
    static let longest = 8

    /// The text for what stands between `&` and `;`, or nil if it means nothing.
    static func text(for name: String) -> String? {
        guard name.hasPrefix("#") else { return named[name] }
        let digits = name.dropFirst()
        let isHexadecimal = digits.hasPrefix("x") || digits.hasPrefix("X")
        guard let value = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits),
            let scalar = Unicode.Scalar(value), value != 0
        else { return nil }
        return String(Character(scalar))
    }

    private static let named: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "ensp": " ", "emsp": " ",
        "thinsp": " ", "shy": "\u{AD}", "zwnj": "\u{200C}", "zwj": "\u{200D}", "ndash": "–", "mdash": "—",
        "hellip": "…", "lsquo": "‘", "rsquo": "’", "sbquo": "‚", "ldquo": "“", "rdquo": "”", "bdquo": "„",
        "laquo": "«", "raquo": "»", "lsaquo": "‹", "rsaquo": "›", "bull": "•", "middot": "·", "sect": "§",
        "para": "¶", "copy": "©", "reg": "®", "trade": "™", "deg": "°", "plusmn": "±", "times": "×", "divide": "÷",
        "minus": "−", "frac12": "½", "frac14": "¼", "frac34": "¾", "sup1": "¹", "sup2": "²", "sup3": "³",
        "micro": "µ", "ne": "≠", "le": "≤", "ge": "≥", "asymp": "≈", "infin": "∞", "radic": "√", "permil": "‰",
        "larr": "←", "rarr": "→", "uarr": "↑", "darr": "↓", "harr": "↔", "rArr": "⇒", "lArr": "⇐", "cent": "¢",
        "pound": "£", "euro": "€", "yen": "¥", "curren": "¤", "iexcl": "¡", "iquest": "¿", "szlig": "ß",
        "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "agrave": "à",
        "aacute": "á", "acirc": "â", "atilde": "ã", "aring": "å", "Aring": "Å", "aelig": "æ", "AElig": "Æ",
        "ccedil": "ç", "Ccedil": "Ç", "egrave": "è", "eacute": "é", "ecirc": "ê", "euml": "ë", "Eacute": "É",
        "igrave": "ì", "iacute": "í", "icirc": "î", "iuml": "ï", "ntilde": "ñ", "Ntilde": "Ñ", "ograve": "ò",
        "oacute": "ó", "ocirc": "ô", "otilde": "õ", "oslash": "ø", "Oslash": "Ø", "oelig": "œ", "ugrave": "ù",
        "uacute": "ú", "ucirc": "û", "yacute": "ý", "ordf": "ª", "ordm": "º", "alpha": "α", "beta": "β",
        "gamma": "γ", "delta": "δ", "Delta": "Δ", "epsilon": "ε", "lambda": "λ", "mu": "μ", "pi": "π",
        "sigma": "σ", "Sigma": "Σ", "omega": "ω", "Omega": "Ω",
    ]
}
