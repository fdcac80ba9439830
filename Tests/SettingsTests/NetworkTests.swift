import Settings
import Testing

@Suite struct NetworkTests {
    private func load(_ assignments: String...) throws -> Settings {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = assignments
        return try Settings.load(from: sources).settings
    }

    private func mistake(_ assignment: String) -> String {
        do {
            _ = try load(assignment)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        "0.0.0.0/0", "::/0", "0.0.0.0/1,128.0.0.0/1", "128.0.0.0/1,0.0.0.0/1", "0.0.0.0/2,64.0.0.0/2,128.0.0.0/2",
        "2000::/3", "::/1", "2000::/4,3000::/4", "10.0.0.0/8,::/0", "0.0.0.0/1",
    ]) func `networks that amount to everybody are refused`(networks: String) {
        #expect(mistake("auth.trusted_networks=" + networks).contains("auth.trusted_networks: these networks are half"))
    }

    @Test(arguments: [
        "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8,fd00::/8,fe80::/10,::1", "192.0.2.1", "2001:db8::/32",
    ]) func `networks of some clients are taken`(networks: String) throws {
        let settings = try load("auth.trusted_networks=" + networks)
        #expect(settings.auth.trustedNetworks.map(\.description).joined(separator: ",") == networks)
    }

    @Test(arguments: ["10.0.0.1/8", "office", "10.0.0.0/33"])
    func `what is no network is refused`(text: String) {
        #expect(mistake("auth.trusted_networks=" + text).contains("expected an IP address or a range"))
    }

    @Test(arguments: ["999.1.1.1", "1.2.3", "256.0.0.1", ":::", "a b", "12345", "[::1]", "example..org"])
    func `an address to listen on is checked`(host: String) {
        #expect(mistake("bind=" + host).contains("bind: expected an IP address, a host name, or `localhost`"))
    }

    @Test(arguments: ["0.0.0.0", "::", "127.0.0.1", "localhost", "example.org", "my_host", "fe80::1%eth0"])
    func `an address or a name to listen on is taken`(host: String) throws {
        #expect(try load("bind=" + host).bind == host)
    }

    @Test(arguments: [
        "http://h:99999/v1", "http://h:0", "http://h:x/v1", "http://h:", "http://[::1]x", "http://[::1",
        "http://[::1]:99999",
    ]) func `the port of a server is checked`(url: String) {
        #expect(mistake("model.url=" + url).contains("model.url: expected an http or https address"))
        #expect(mistake("speech.openai.url=" + url).contains("speech.openai.url: expected"))
    }

    @Test(arguments: ["http://h:65535/v1", "https://h", "http://[::1]:8000/v1", "http://[::1]"])
    func `the address of a server is taken`(url: String) throws {
        #expect(try load("model.url=" + url).model.url == url)
    }

    @Test func `a section is told with keys of its own`() {
        #expect(
            mistake("http=3").hasSuffix(
                """
                http: this is a section; name a key of it: `http.max_header_bytes`, `http.max_headers`, \
                `http.max_body_bytes`, `http.max_upload_bytes`, …
                """
            )
        )
        #expect(mistake("speech.openai=x").contains("`speech.openai.url`"))
    }

    @Test(arguments: [
        ("conversation.scrpt", "conversation.script"), ("http.max_header", "http.max_headers"),
        ("max_headers", "http.max_headers"),
    ]) func `a key near an unknown one is told`(path: String, near: String) {
        #expect(mistake(path + "=1").contains("did you mean `\(near)`"))
    }

    @Test func `an unknown key is not taken for one of another section`() {
        #expect(!mistake("conversation.barge_in=true").contains("did you mean"))
    }
}
