import Testing

@testable import Settings

/// The addresses of other servers, which may hold what nobody is to see.
@Suite struct AddressTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: ["http://127.0.0.1:8000/v1", "HTTPS://api.example.com", "http://[::1]:8000/", "https://h/v1?a=b"])
    func `an address of a server is taken as it is`(address: String) throws {
        let settings = try folder.load("model: { url: \"\(address)\" }").settings
        #expect(settings.model.url == address)
    }

    @Test(arguments: [
        "http://ann:swordfish@h/v1", "http://swordfish@h", "https://h/v1#swordfish", "swordfish", "ftp://swordfish/",
        "http://", "http:///swordfish", "http://:80/swordfish", "http://h/sword fish", "http://h/swördfish",
    ])
    func `any other is refused, without showing it`(address: String) throws {
        for path in ["model.url", "speech.openai.url"] {
            var sources = folder.sources
            sources.assignments = ["\(path)=\(address)"]
            let problems = folder.problems(sources)
            #expect(problems.count == 1)
            #expect(problems.first?.contains("\(path): expected an http or https address without user") == true)
            #expect(problems.first?.contains("swordfish") == false)
        }
    }

    @Test func `the query of an address is not shown`() throws {
        let settings = try folder.load("model: { url: \"http://h/v1?key=swordfish\" }").settings
        #expect(settings.model.url == "http://h/v1?key=swordfish")
        #expect(!settings.description.contains("swordfish"))
        #expect(settings.description.contains("http://h/v1?***"))
        #expect(settings.shown(SettingKeys.table.model.name) == .null)
    }
}
