import Logging
import Testing

@testable import Settings

@Suite struct SettingKeysTests {
    @Test func `every default is allowed by its own rule`() throws {
        for key in SettingKeys.storable {
            let stored = try key.read(SettingInput(key.defaultSettingValue, origin: .standard))
            #expect(stored.written == key.defaultSettingValue, "\(key.path)")
        }
    }

    @Test func `paths are lower case words and no key is a section`() {
        #expect(SettingKeys.paths.count == 79)
        for path in SettingKeys.paths {
            #expect(path.allSatisfy { $0.isLowercase || $0 == "_" || $0 == "." }, "\(path)")
            #expect(!SettingKeys.sections.contains(path), "\(path)")
        }
        #expect(Set(SettingKeys.paths).count == SettingKeys.paths.count)
    }

    @Test func `variables of the environment are unique and none is reserved`() {
        let names = SettingKeys.all.map(\.environmentName)
        #expect(Set(names).count == names.count)
        #expect(names.contains("ANTIPHON_SPEECH_OPENAI_RECOGNITION_MODEL"))
        #expect(SettingsLoader.reserved.isDisjoint(with: names))
    }

    @Test func `every key says what it means`() {
        for key in SettingKeys.all {
            #expect(key.summary.hasSuffix(".") && key.summary.count > 15, "\(key.path)")
        }
    }

    @Test func `aliases lead to keys and none has two meanings`() {
        for alias in SettingAlias.all {
            #expect(SettingKeys.byPath[alias.newName] != nil, "\(alias.oldName)")
        }
        #expect(SettingAlias.byOldName.count == SettingAlias.all.count)
        #expect(SettingAlias.byEnvironmentName.count == SettingAlias.all.count)
    }

    @Test func `settings without a source are the defaults`() {
        let settings = Settings()
        #expect(settings.bind == "localhost")
        #expect(settings.storage.path == "data/antiphon.sqlite")
        #expect(settings.http.maxHeaderBytes == 16_384)
        #expect(settings.http.maxUploadBytes == 104_857_600)
        #expect(settings.conversation.silence == .milliseconds(400))
        #expect(settings.speech.openai.key == nil)
        #expect(settings.speech.voice == nil)
        #expect(settings.auth.required == .auto)
        #expect(settings.logging.level == .info)
        #expect(settings.audio.maxDuration == .seconds(1800))
        #expect(settings[SettingKeys.table.speech.speed] == 1)
        #expect(
            settings.listeners == [
                Listener(port: 8004, apis: [.speech, .openai]), Listener(port: 8080, apis: [.openai]),
                Listener(port: 8083, apis: [.events]),
            ]
        )
    }
}
