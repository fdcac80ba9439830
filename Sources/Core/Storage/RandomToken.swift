/// Text that cannot be guessed. `SystemRandomNumberGenerator` is the kernel's, fit for secrets.
public enum RandomToken {
    /// Bytes from the kernel's generator.
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// 128 random bits as 26 characters of a to z and 2 to 7.
    public static func identifier() -> String {
        encode(bytes(16), alphabet: Array("abcdefghijklmnopqrstuvwxyz234567".utf8), bitsPerCharacter: 5)
    }

    /// 256 random bits as 43 characters of base64url.
    public static func secret() -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        return encode(bytes(32), alphabet: alphabet, bitsPerCharacter: 6)
    }

    static func encode(_ bytes: [UInt8], alphabet: [UInt8], bitsPerCharacter: Int) -> String {
        var text: [UInt8] = []
        var buffer = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | Int(byte)) & 0xFFFF
            bits += 8
            while bits >= bitsPerCharacter {
                bits -= bitsPerCharacter
                text.append(alphabet[buffer >> bits & (alphabet.count - 1)])
            }
        }
        if bits > 0 { text.append(alphabet[buffer << (bitsPerCharacter - bits) & (alphabet.count - 1)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
