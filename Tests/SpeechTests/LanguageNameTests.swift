import Testing

@testable import Speech

@Suite struct LanguageNameTests {
    @Test(arguments: [
        ("en", "en"), ("EN", "en"), ("eng", "en"), ("English", "en"), ("english", "en"), (" English ", "en"),
        ("English (US)", "en"), ("en_US", "en-US"), ("en-us", "en-US"), ("en_US.UTF-8", "en-US"),
        ("de_DE@euro", "de-DE"),
        ("ger", "de"), ("deu", "de"), ("German", "de"), ("fre", "fr"), ("fra", "fr"), ("zh-hans-cn", "zh-Hans-CN"),
        ("chi", "zh"), ("Mandarin", "zh"), ("cmn", "cmn"), ("es-419", "es-419"), ("Norwegian Bokmål", "nb"),
        ("norwegian bokmal", "nb"), ("de-1996", "de-1996"), ("en-x-mine", "en-x-mine"), ("iw", "he"), ("tlh", "tlh"),
        ("British English", "en-GB"), ("Haitian Creole", "ht"), ("Farsi", "fa"), ("yue", "yue"), ("pt_br", "pt-BR"),
    ])
    func `a language is known by its codes and its English name`(name: String, tag: String) throws {
        #expect(try LanguageName.tag(for: name) == tag)
    }

    @Test(arguments: ["", "  ", "auto", "Auto", "AUTOMATIC", "detect", "und", "null", "None"])
    func `some words leave the choice open`(name: String) throws {
        #expect(try LanguageName.tag(for: name) == nil)
    }

    @Test(arguments: [
        "xx", "e", "englich", "qqqq", "en-", "en--US", "en-U", "-", "en-US-", "12", "en-toolongapart", "../etc/passwd",
        "English or German", "e\u{301}n", String(repeating: "a", count: 10_000), "en-x", "en US",
    ])
    func `what means nothing is refused by name`(name: String) {
        #expect(throws: LanguageName.Unknown(name: name)) { try LanguageName.tag(for: name) }
    }

    @Test func `the message names what was given`() {
        #expect(LanguageName.Unknown(name: "xx").description.contains("“xx”"))
    }

    @Test(arguments: [
        ("en-US", "en"), ("cmn", "zh"), ("nb", "no"), ("de", "de"), ("zh-Hant-TW", "zh"),
    ])
    func `tags are compared by their language`(tag: String, code: String) {
        #expect(tag.languageCode == code)
    }
}
