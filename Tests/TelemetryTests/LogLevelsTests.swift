import Logging
import Testing

@testable import Telemetry

@Suite struct LogLevelsTests {
    @Test func `a change of level holds for loggers that exist`() {
        let output = CollectedOutput()
        let levels = LogLevels(.info)
        let logger = output.logger(levels: levels)
        logger.debug("one")
        levels.level = .debug
        logger.debug("two")
        levels.level = .error
        logger.warning("three")
        #expect(output.lines.count == 1)
        #expect(output.lines.first?.contains("two") == true)
    }

    @Test func `a level set on a logger stays`() {
        let levels = LogLevels(.info)
        var logger = CollectedOutput().logger(levels: levels)
        logger.logLevel = .trace
        levels.level = .critical
        #expect(logger.logLevel == .trace)
    }

    @Test func `a label has its own level and hands it down`() {
        let levels = LogLevels(.warning)
        levels.set(.debug, for: "antiphon.speech")
        levels.set(.error, for: "antiphon.speech.vad")
        #expect(levels.level(of: "antiphon") == .warning)
        #expect(levels.level(of: "antiphon.speech") == .debug)
        #expect(levels.level(of: "antiphon.speech.tts") == .debug)
        #expect(levels.level(of: "antiphon.speech.vad.model") == .error)
        #expect(levels.level(of: "antiphon.speechless") == .warning)
        levels.set(nil, for: "antiphon.speech")
        #expect(levels.level(of: "antiphon.speech.tts") == .warning)
    }

    @Test func `labels of their own level have a limit`() {
        let levels = LogLevels(.info)
        for index in 0..<LogLevels.maximumOverrides { #expect(levels.set(.debug, for: "l\(index)")) }
        #expect(!levels.set(.debug, for: "one more"))
        #expect(levels.set(.error, for: "l0"))
        #expect(levels.set(nil, for: "l1"))
        #expect(levels.set(.debug, for: "one more"))
        #expect(levels.level(of: "one more") == .debug)
    }
}
