import Audio
import Glibc

/// Sounds to test with and measures of what came of them.
enum TestSound {
    static func sine(
        _ frequency: Double = 440,
        seconds: Double = 1,
        rate: Int = 24_000,
        amplitude: Float = 0.5
    ) -> PCM {
        let step = 2 * Double.pi * frequency / Double(rate)
        let samples = (0..<Int(seconds * Double(rate))).map { amplitude * Float(sin(step * Double($0))) }
        return PCM(samples, sampleRate: rate)
    }

    /// A WAV file with any format chunk and any claim about its length.
    static func wav(
        tag: Int = 1,
        channels: Int = 1,
        rate: Int = 8000,
        bits: Int = 16,
        data: [UInt8],
        claiming size: UInt32? = nil
    ) -> [UInt8] {
        let size = size ?? UInt32(data.count)
        let frame = channels * bits / 8
        var bytes = Array("RIFF".utf8) + word(size &+ 36) + Array("WAVEfmt ".utf8) + word(16)
        bytes += half(tag) + half(channels) + word(UInt32(rate)) + word(UInt32(rate * frame))
        bytes += half(frame) + half(bits) + Array("data".utf8) + word(size)
        return bytes + data
    }

    static func floats(_ samples: [Float]) -> [UInt8] { samples.flatMap { word($0.bitPattern) } }
    static func shorts(_ samples: [Int16]) -> [UInt8] { samples.flatMap { half(Int($0)) } }

    /// Bytes without any pattern, the same in every run.
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(state >> 56)
        }
    }

    static func word(_ value: UInt32) -> [UInt8] { [0, 8, 16, 24].map { UInt8(value >> $0 & 0xFF) } }
    private static func half(_ value: Int) -> [UInt8] { [0, 8].map { UInt8(value >> $0 & 0xFF) } }
}

extension PCM {
    /// The mean of the squared samples.
    var power: Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, samples.count))
    }

    /// The part of the power, 0...1, that a sine of `frequency` Hz explains.
    func share(of frequency: Double) -> Double {
        let step = 2 * Double.pi * frequency / Double(sampleRate)
        var (real, imaginary) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            real += Double(sample) * sin(step * Double(index) + Double.pi / 2)
            imaginary += Double(sample) * sin(step * Double(index))
        }
        let count = Double(max(1, samples.count))
        return 2 * (real * real + imaginary * imaginary) / (count * count) / max(power, 1e-20)
    }

    /// The sound without `duration` at either end, where codecs fade.
    func inner(_ duration: Duration = .milliseconds(100)) -> PCM {
        let cut = duration.samples(at: sampleRate)
        return PCM(Array(samples.dropFirst(cut).dropLast(cut)), sampleRate: sampleRate)
    }
}
