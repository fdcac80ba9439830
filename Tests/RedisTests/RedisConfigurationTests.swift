import Testing

@testable import Redis

@Suite struct RedisConfigurationTests {
    @Test func `reads an address with everything`() throws {
        let configuration = try RedisConfiguration(url: "redis://me:p%40s%2Fs:w@rd@cache.example:7000/3")
        #expect(configuration.host == "cache.example")
        #expect(configuration.port == 7000)
        #expect(configuration.user == "me")
        #expect(configuration.password == "p@s/s:w@rd")
        #expect(configuration.database == 3)
        #expect(configuration.tls == nil)
    }

    @Test func `reads short, encrypted and IPv6 addresses`() throws {
        let short = try RedisConfiguration(url: "redis://localhost")
        #expect((short.host, short.port, short.database) == ("localhost", 6379, 0))
        #expect(short.user == nil && short.password == nil)
        let encrypted = try RedisConfiguration(url: "rediss://:secret@h/")
        #expect(encrypted.tls != nil)
        #expect(encrypted.user == nil && encrypted.password == "secret")
        let six = try RedisConfiguration(url: "redis://[::1]:99/1")
        #expect((six.host, six.port, six.database) == ("::1", 99, 1))
        #expect(six.description == "redis://[::1]:99/1")
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "redis://", "redis://:6379", "redis://h:0", "redis://h:65536", "redis://h:x",
        "redis://h/x", "redis://h/-1", "redis://secret@h", "redis://u:secret%2@h", "redis://u:secret%ff@h",
        "redis://[::1", "redis://[::1]x", "redis://u:secret@", "redis://a b",
    ])
    func `refuses a bad address without showing the password`(url: String) {
        #expect {
            try RedisConfiguration(url: url)
        } throws: { error in
            let sentence = String(describing: error)
            return error is RedisError && sentence.hasSuffix(".") && !sentence.contains("secret")
        }
    }

    @Test func `never shows the password`() throws {
        let configuration = try RedisConfiguration(url: "redis://me:secret@h:1/2")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("secret"))
            #expect(text.contains("redis://h:1/2"))
        }
    }
}
