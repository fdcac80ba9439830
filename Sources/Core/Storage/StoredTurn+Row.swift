internal import Foundation
internal import GRDB

extension StoredTurn {
    func validate() throws {
        guard 1...Limits.messagesPerSession ~= turn else {
            throw StorageError.invalid(
                what: "turn \(turn)",
                reason: "turns are numbered 1 to \(Limits.messagesPerSession)"
            )
        }
        try Limits.require(outcome, "outcome", within: Limits.name)
        try Limits.require(responder ?? "", "responder's name", within: Limits.name)
        try Limits.require(transcript, "transcript", within: Limits.text)
        try Limits.require(answer, "answer", within: Limits.text)
        try Limits.require(heard, "heard answer", within: Limits.text)
        try Limits.require(handovers.count, "turn", within: Limits.handovers, unit: "handovers")
        for handover in handovers {
            try Limits.require(handover.from, "responder's name", within: Limits.name)
            try Limits.require(handover.reason, "reason of a handover", within: 16 * Limits.name)
        }
    }

    func insert(into database: Database, at now: Date) throws {
        let arguments: StatementArguments = [
            session, turn, outcome, transcript, answer, heard, responder,
            String(decoding: try JSONEncoder().encode(handovers), as: UTF8.self),
            timings.endpointing?.milliseconds, timings.transcription?.milliseconds,
            timings.firstToken?.milliseconds, timings.firstSentence?.milliseconds, timings.synthesis?.milliseconds,
            timings.firstAudio?.milliseconds, timings.total?.milliseconds,
            playback.generated.milliseconds, playback.sent.milliseconds, playback.heard.milliseconds,
            now.milliseconds,
        ]
        try database.cachedStatement(
            sql: """
                INSERT INTO turns (session_id, turn, outcome, transcript, answer, heard, responder, handovers,
                    endpointing_ms, transcription_ms, first_token_ms, first_sentence_ms, synthesis_ms,
                    first_audio_ms, total_ms, generated_ms, sent_ms, heard_ms, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: arguments)
    }

    init(row: Row) throws {
        self.init(
            session: row["session_id"],
            turn: row["turn"],
            outcome: row["outcome"],
            transcript: row["transcript"],
            answer: row["answer"],
            heard: row["heard"],
            responder: row["responder"]
        )
        handovers = try JSONDecoder().decode([Handover].self, from: Data((row["handovers"] as String).utf8))
        timings.endpointing = Self.duration(row["endpointing_ms"])
        timings.transcription = Self.duration(row["transcription_ms"])
        timings.firstToken = Self.duration(row["first_token_ms"])
        timings.firstSentence = Self.duration(row["first_sentence_ms"])
        timings.synthesis = Self.duration(row["synthesis_ms"])
        timings.firstAudio = Self.duration(row["first_audio_ms"])
        timings.total = Self.duration(row["total_ms"])
        playback = Playback(
            generated: .milliseconds(row["generated_ms"] as Int64),
            sent: .milliseconds(row["sent_ms"] as Int64),
            heard: .milliseconds(row["heard_ms"] as Int64)
        )
        createdAt = Date(milliseconds: row["created_at"])
    }

    private static func duration(_ milliseconds: Int64?) -> Duration? {
        milliseconds.map { .milliseconds($0) }
    }
}
