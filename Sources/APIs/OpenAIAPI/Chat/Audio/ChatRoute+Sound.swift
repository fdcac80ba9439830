import Audio
import Dialogue
import Foundation
import Hummingbird
import Serving
import Settings
import Speech

extension ChatRoute {
    /// What is said in the recordings of a chat, one after the other; the last of `files` is the first. Throws `APIFailure`
    /// that names the recording.
    func hear(_ files: consuming [UploadedForm.File], _ watch: ClientWatch) async throws -> [String] {
        var files = files
        let transcription = FileTranscription(voiceActivity: voiceActivity, recognizer: recognizer)
        var texts: [String] = []
        while let name = files.last?.name {
            // Its room among the uploads is given back as soon as it is decoded.
            let sound = try await watch.run { [file = files.popLast()] in try await decode(file, name) }
            let text = try await watch.run { try await sound.use { try await transcription.transcribe($0) }.text }
            guard !text.isEmpty else { throw APIFailure.badField(name, "Nothing is said in the recording.") }
            texts.append(text)
        }
        return texts
    }

    private func decode(_ file: UploadedForm.File?, _ name: String) async throws -> UploadedSound {
        guard let file else { throw APIFailure.badField("\(name).data", "The recording in base64 is required.") }
        do {
            return try await UploadedSound(decoding: file, called: "the recording", parts: parts)
        } catch let error as AudioError {
            throw APIFailure.undecodable(error, in: "\(name).data")
        }
    }

    /// With which voice an answer is spoken. Throws `APIFailure` (404) when there is no voice of that name.
    func options(_ manner: ChatSound.Manner) throws -> SynthesisOptions {
        let settings = parts.settings.current
        let names = VoiceNames(parts.voices, settings: settings)
        return try SynthesisOptions(
            voice: try names.voice(named: manner.voice, inField: "audio.voice"),
            speed: settings.speech.speed,
            mayReplaceVoice: settings.speech.voiceFailover || !names.isNamed(manner.voice)
        )
    }

    /// Answers a chat with sound: in a stream of samples, or as a whole in `format`.
    func speak(
        _ chat: ChatRequest,
        as format: AudioFormat,
        _ options: SynthesisOptions,
        _ watch: ClientWatch
    ) async throws -> Hummingbird.Response {
        let settings = parts.settings.current
        let responder = try responder(for: chat, settings)
        let limit = settings.conversation.answerTimeout
        let answer = SpokenChatAnswer(ChatAnswer(to: chat), id: SpokenChatAnswer.newID())
        guard chat.isStreamed else {
            let pieces = Pulled(responder.respond(to: chat.prompt))
            let text = try await watch.run {
                try await responder.answering(within: limit) {
                    var text = ""
                    while let piece = try await pieces.next() { text += piece.spoken }
                    return text
                }
            }
            return try await whole(text, answer, format, options, watch)
        }
        let speaker = synthesizer.speaker(with: options)
        let pieces = SpokenPieces(of: responder.respond(to: chat.prompt), by: speaker, watch: watch)
        // The first words and the first sound are awaited before the answer begins, so that a failure up to then has a
        // status.
        let first = try await watch.run { try await responder.answering(within: limit) { try await pieces.next() } }
        let beginning = try await [first].compactMap(\.self) + pieces.beginning()
        var response = Hummingbird.Response.events { send in
            try await send(answer.beginning)
            for piece in beginning { try await self.send(piece, answer, send) }
            while let piece = try await pieces.next() { try await self.send(piece, answer, send) }
            let text = await pieces.text
            for event in answer.end(text, expires: spokenAnswers.keep(text, as: answer.id)) { try await send(event) }
        }
        response.headers.name(beginning.hasSound ? speaker.speaker : nil)
        response.headers.nameIgnored(chat.ignored)
        return response
    }

    /// Sends a piece of an answer; its sound as it is made.
    @concurrent
    private func send(_ piece: SpokenPieces.Piece, _ answer: SpokenChatAnswer, _ send: Send) async throws {
        switch piece {
        case .text(let text): try await send(answer.transcript(text))
        case .sound(let sound): for try await bytes in sound { try await send(answer.sound(bytes)) }
        }
    }

    /// The answer with all of its sound.
    private func whole(
        _ text: String,
        _ answer: SpokenChatAnswer,
        _ format: AudioFormat,
        _ options: SynthesisOptions,
        _ watch: ClientWatch
    ) async throws -> Hummingbird.Response {
        let speech = try speech(of: text, options)
        var sound: [UInt8] = []
        if let speech {
            let body = try await SpeechBody(
                speech.audio,
                format: format,
                sampleRate: SpokenPieces.sampleRate,
                delivery: .whole,
                room: parts.uploads,
                watch: watch
            )
            for try await bytes in body { sound += bytes }
        } else {
            let rate = SpokenPieces.sampleRate
            sound = try AudioEncoder.encodeWhole(PCM([], sampleRate: rate), as: format, sampleRate: rate)
        }
        let expiry = spokenAnswers.keep(text, as: answer.id)
        var response = Hummingbird.Response(json: answer.completion(text, sound, expires: expiry))
        response.headers.name(speech?.speaker)
        response.headers.nameIgnored(answer.ignored)
        return response
    }

    /// The speech of an answer; nil when there is no word in it. Throws `APIFailure` (502) for one that is too long, since
    /// its length is none of the client's faults.
    private func speech(of text: String, _ options: SynthesisOptions) throws -> TextSpeech? {
        do throws(SpeechError) {
            return try synthesizer.speak(text, options: options, limit: parts.settings.current.speech.maxTextLength)
        } catch {
            switch error {
            case .nothingToSay: return nil
            case .textTooLong(_, let limit):
                throw APIFailure(
                    .badGateway,
                    .processingFailed,
                    "The answer has more than the \(limit) characters that are spoken at once; take it as a stream."
                )
            default: throw error
            }
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

extension [SpokenPieces.Piece] {
    /// Whether a sound is among them.
    fileprivate var hasSound: Bool {
        contains { if case .sound = $0 { true } else { false } }
    }
}
