import Audio
import Dialogue
import Foundation
import Hummingbird
import Serving
import Settings
import Speech

extension ChatRoute {
    /// OpenAI's rate, in Hz, which a stream of samples does not state.
    private static let sampleRate = 24_000

    /// What is said in the recordings of a chat, one after the other. Throws `APIFailure` that names the recording.
    func hear(_ sound: ChatSound, _ watch: ClientWatch) async throws -> [String] {
        var texts: [String] = []
        for recording in sound.recordings {
            let name = "messages.\(recording.message).content.\(recording.part).input_audio"
            let file = UploadedForm.File(name: name, bytes: recording.bytes)
            let transcription = FileTranscription(voiceActivity: voiceActivity, recognizer: recognizer)
            let text = try await watch.run { () -> String in
                let decoded: UploadedSound
                do {
                    decoded = try await UploadedSound(decoding: file, called: "the recording", parts: parts)
                } catch let error as AudioError {
                    throw APIFailure.badField("\(name).data", error.description)
                }
                return try await decoded.use { try await transcription.transcribe($0) }.text
            }
            guard !text.isEmpty else { throw APIFailure.badField(name, "Nothing is said in the recording.") }
            texts.append(text)
        }
        return texts
    }

    /// Answers a chat with sound: `manner` says how.
    func speak(
        _ chat: ChatRequest,
        _ manner: ChatSound.Manner,
        _ watch: ClientWatch
    ) async throws -> Hummingbird.Response {
        let settings = parts.settings.current
        let names = VoiceNames(parts.voices, settings: settings)
        let options = try SynthesisOptions(
            voice: try names.voice(named: manner.voice, inField: "audio.voice"),
            speed: settings.speech.speed,
            mayReplaceVoice: settings.speech.voiceFailover || !names.isNamed(manner.voice)
        )
        let responder = try responder(for: chat, settings)
        let pieces = Pulled(responder.respond(to: chat.prompt))
        let answer = SpokenChatAnswer(ChatAnswer(to: chat), id: SpokenChatAnswer.newID())
        // The first words are awaited before the answer begins, so that a failure up to then has a status.
        let limit = settings.conversation.answerTimeout
        guard chat.isStreamed else {
            let text = try await watch.run {
                try await responder.answering(within: limit) {
                    var text = ""
                    while let piece = try await pieces.next() { text += piece.spoken }
                    return text
                }
            }
            return try await whole(text, answer, options, manner, watch)
        }
        let first = try await watch.run {
            try await responder.answering(within: limit) { () -> ResponsePiece? in
                while let piece = try await pieces.next() {
                    if !piece.spoken.isEmpty { return piece }
                }
                return nil
            }
        }
        let speaker = synthesizer.speaker(with: options)
        var response = Hummingbird.Response.events { send in
            var segments = SpeakableSegments()
            var text = ""
            var piece = first
            try await send(answer.beginning)
            while let current = piece {
                let more = current.spoken
                text += more
                if !more.isEmpty { try await send(answer.transcript(more)) }
                for segment in segments.append(more) {
                    try await speak(segment, by: speaker, answer, watch, send)
                }
                piece = try await watch.run { try await pieces.next() }
            }
            for segment in segments.finish() { try await speak(segment, by: speaker, answer, watch, send) }
            for event in answer.end(text, expires: spokenAnswers.keep(text, as: answer.id)) { try await send(event) }
        }
        response.headers.nameIgnored(chat.ignored)
        return response
    }

    /// The answer with all of its sound.
    private func whole(
        _ text: String,
        _ answer: SpokenChatAnswer,
        _ options: SynthesisOptions,
        _ manner: ChatSound.Manner,
        _ watch: ClientWatch
    ) async throws -> Hummingbird.Response {
        let speech = try synthesizer.speak(text, options: options, limit: parts.settings.current.speech.maxTextLength)
        let body = try await SpeechBody(
            speech.audio,
            format: manner.format,
            sampleRate: Self.sampleRate,
            delivery: .whole,
            room: parts.uploads,
            watch: watch
        )
        var sound: [UInt8] = []
        for try await bytes in body { sound += bytes }
        let expiry = spokenAnswers.keep(text, as: answer.id)
        var response = Hummingbird.Response(json: answer.completion(text, sound, expires: expiry))
        response.headers.name(speech.speaker)
        response.headers.nameIgnored(answer.ignored)
        return response
    }

    /// Speaks one segment into a stream, as it is made.
    @concurrent
    private func speak(
        _ segment: String,
        by speaker: any TextSpeaker,
        _ answer: SpokenChatAnswer,
        _ watch: ClientWatch,
        _ send: Send
    ) async throws {
        do {
            let body = try await SpeechBody(
                speaker.speak(segment),
                format: .pcm,
                sampleRate: Self.sampleRate,
                watch: watch
            )
            for try await bytes in body { try await send(answer.sound(bytes)) }
        } catch SpeechError.nothingToSay {
            // A segment without a word, such as a lone sign, has no sound.
        }
    }

    /// Who answers: the model server if there is one, else the responder.
    private func responder(for chat: ChatRequest, _ settings: Settings) throws -> any Responder {
        guard let url = settings.model.url, let model = settings.model.name ?? chat.namedModel else {
            return parts.responder
        }
        let instructed = chat.prompt.history.contains { $0.role == .system }
        return try ModelResponder(
            configuration: ModelConfiguration(
                baseURL: url,
                apiKey: settings.model.key?.exposed,
                model: chat.namedModel ?? model,
                systemPrompt: instructed ? "" : settings.model.systemPrompt,
                temperature: settings.model.temperature,
                maxTokens: settings.model.maxTokens
            )
        )
    }
}
