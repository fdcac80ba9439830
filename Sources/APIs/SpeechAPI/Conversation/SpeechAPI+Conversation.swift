import Audio
import Conversation
import Dialogue
import HTTPTypes
import Hummingbird
import NIOCore
import Serving
import Settings
import Speech
import Storage

extension SpeechAPI {
    func addConversationRoutes(to router: AccessRoutes) {
        router.readingQueryAsFields.post("/conversation") { request, context in try await converse(request, context) }
        router.get("/conversation/status") { _, context in await conversationStatus(context) }
    }

    private func converse(_ request: Request, _ context: ServingContext) async throws -> Response {
        let watch = ClientWatch(context.channel)
        let settings = parts.settings.current
        let form = try await request.form(context: context, parts: parts)
        let recording = try Recording(from: form)
        var fields = FieldReader(form: form)
        fields.addQuery(of: request)
        fields.know(Recording.field)
        let manner = SpeakingManner(from: &fields)
        let replier = fields.choice("responder", expected: Replier.allCases.map(\.rawValue), Replier.init) ?? .assistant
        fields.lookAtOthers(meaning: SpeakingManner.otherNames)
        try fields.check()
        try await health.requireRecognizer()
        try await health.requireSynthesizer()
        let voice = try manner.voice.voice(from: parts.voices, settings: settings, nameIsOptional: true)

        let sound = try await watch.run { try await recording.sound(self.parts) }
        // It is the language to speak; whether it is also that of the recording is not said.
        let language = await recognizer.firstUnderstood(of: manner.voice.language.map { [$0] } ?? [])
        let live = try await session(
            replier,
            speaking: try options(of: manner, with: voice, settings: settings),
            language: language,
            settings: settings
        )
        // Let go of with the answer, which may never be sent.
        let attachment = await parts.directory.attachment(to: live.session.id)
        let turn = SpokenTurn(live.session, reader: await live.session.listener(from: 1))
        do {
            try await watch.run { try await sound.use { try await live.session.hear(recording: $0) } }
            // The middleware has stored what is answered before the first sound comes out.
            let segments = try await watch.run { try await turn.begin() }
            let delivery = SpeechDelivery(streamed: manner.isStreamed, segments: segments)
            let body = try await body(SpeechAudio { try await turn.next() }, manner, delivery, settings, watch)
            var response = answer(
                body,
                by: await turn.speaker,
                format: manner.format(settings),
                named: "conversation_response",
                context
            )
            response.headers[.xSessionID] = live.session.id
            response.headers[.xTranscription] = HeaderText.encode(await turn.transcript)
            response.body = try await ending(live.session, attachment, behind: body)
            response.headers.nameIgnored(fields.ignored)
            return response
        } catch {
            await end(live.session, outcome: "failed")
            throw error
        }
    }

    /// Makes a session that answers one recording, with a text that is known as a whole before it is spoken: a failure can
    /// be told by a status only as long as nothing was sent. Throws `SessionRefusal`.
    private func session(
        _ replier: Replier,
        speaking options: SynthesisOptions,
        language: String?,
        settings: Settings
    ) async throws -> LiveSession {
        var configuration = ConversationMachine.Configuration()
        // What is handed to the client counts as heard: it plays the sound when it likes.
        configuration.playbackClock = .immediate
        configuration.answerTimeout = settings.conversation.answerTimeout
        configuration.answerLimit = settings.speech.maxTextLength
        configuration.speaksWholeAnswers = true
        let live = try await parts.directory.make(
            NewSession(api: APIName.speech.rawValue),
            parts: SessionParts(
                voiceActivity: voiceActivity,
                recognizer: recognizer,
                responder: replier == .echo ? EchoResponder() : parts.responder,
                output: SynthesizedOutput(synthesizer, options: options),
                middleware: [TurnTiming { [turnMetrics] record, _ in turnMetrics.record(record.timings) }],
                language: language,
                events: parts.hub
            ),
            configuration: configuration,
            storedFrom: .firstSound
        )
        return live
    }

    /// The answer's sound; its last bytes go out when all of the session is stored.
    private func ending(
        _ session: Session,
        _ attachment: SessionAttachment?,
        behind body: SpeechBody
    ) async throws -> ResponseBody {
        if body.isWhole {
            try await parts.directory.close(session.id, outcome: "completed")
            return body.responseBody
        }
        return ResponseBody { writer in
            defer { withExtendedLifetime(attachment) {} }
            do {
                for try await bytes in body { try await writer.write(ByteBuffer(bytes: bytes)) }
                try await parts.directory.close(session.id, outcome: "completed")
            } catch {
                await end(session, outcome: "interrupted")
                throw error
            }
            try await writer.finish(nil)
        }
    }

    /// Ends a session that did not come to its end; why is told by the error that did that.
    private func end(_ session: Session, outcome: String) async {
        try? await parts.directory.close(session.id, outcome: outcome)
    }

    private func conversationStatus(_ context: ServingContext) async -> Response {
        let report = await health.current()
        return context.answer(
            [
                "system_type": "ConversationEngine", "library_available": true,
                "stt_available": .bool(report.recognizer != nil), "tts_available": .bool(report.synthesizer != nil),
                "response_generator_available": true,
                "middleware_count": .number(Double(Self.activeMiddleware.count)),
            ],
            more: [
                "system_type": "library_integrated",
                "conversation_engine": report.isComplete ? "available" : "unavailable", "fallback_mode": "adapters",
                "components": [
                    "stt_adapter": JSONValue(report.recognizer?.name),
                    "tts_adapter": JSONValue(report.synthesizer?.name),
                ],
            ]
        )
    }
}
