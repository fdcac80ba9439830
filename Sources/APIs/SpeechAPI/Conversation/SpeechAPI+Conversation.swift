import Audio
import Conversation
import HTTPTypes
import Hummingbird
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
        var timings = StoredTurn.Timings()
        let start = ContinuousClock.now
        // It is the language to speak; whether it is also that of the recording is not said.
        let language = await recognizer.firstUnderstood(of: manner.voice.language.map { [$0] } ?? [])
        let transcript = try await watch.run { try await self.transcript(of: sound, language: language) }
        timings.transcription = ContinuousClock.now - start
        guard !transcript.text.isEmpty else {
            throw APIFailure(
                .unprocessableContent,
                .validationFailed,
                "Nothing is said in the recording, so there is no answer."
            )
        }
        let reply = try await watch.run {
            try await Reply.awaited(
                to: transcript.text,
                language: transcript.language,
                by: replier,
                assistant: parts.responder,
                within: settings.conversation.answerTimeout
            )
        }
        let speech = try speech(of: reply.text, with: voice, manner: manner, settings: settings)
        let delivery = SpeechDelivery(streamed: manner.isStreamed, speech)
        let body = try await body(speech.audio, manner, delivery, settings, watch)
        timings.firstAudio = ContinuousClock.now - start
        timings.total = timings.firstAudio
        turnMetrics.record(timings)
        // What was answered is on disk before the first byte of the answer leaves.
        let session = try await store(transcript, reply, timings)

        var response = answer(
            body,
            by: speech.speaker,
            format: manner.format(settings),
            named: "conversation_response",
            context
        )
        response.headers.nameIgnored(fields.ignored)
        response.headers[.xSessionID] = session
        response.headers[.xTranscription] = HeaderText.encode(transcript.text)
        return response
    }

    /// Keeps the turn as a session of its own. All of the answer is handed over, so it counts as heard.
    /// Returns the session's identifier.
    private func store(_ transcript: Transcript, _ reply: Reply, _ timings: StoredTurn.Timings) async throws -> String {
        let session = NewSession(api: APIName.speech.rawValue, language: transcript.language ?? "en")
        var turn = StoredTurn(
            session: session.id,
            turn: 1,
            outcome: "completed",
            transcript: transcript.text,
            answer: reply.text,
            heard: reply.text,
            responder: reply.responder
        )
        turn.handovers = reply.handovers.map { .init(from: $0.from, reason: $0.reason) }
        turn.timings = timings
        try await parts.sessions.recordSession(
            session,
            turn: turn,
            messages: [
                NewMessage(role: .user, text: transcript.text, turn: 1),
                NewMessage(role: .assistant, text: reply.text, turn: 1),
            ]
        )
        if let hub = parts.hub, let topics = try? ConversationTopics(session: session.id, hub: hub) {
            topics.publishTurn(
                1,
                number: 1,
                transcript: transcript.text,
                answer: reply.text,
                responder: reply.responder,
                handovers: reply.handovers
            )
        }
        return session.id
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
