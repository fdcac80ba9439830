internal import Foundation
internal import GRDB

extension StoredTurn {
    func validate() throws {
        guard 1...Limits.messagesPerSession ~= record.id else {
            throw StorageError.invalid(
                what: "turn \(record.id)",
                reason: "turns are numbered 1 to \(Limits.messagesPerSession)"
            )
        }
        try Limits.require(record.responder ?? "", "responder's name", within: Limits.name)
        try Limits.require(record.language ?? "", "language", within: Limits.name)
        try Limits.require(record.transcript, "transcript", within: Limits.text)
        try Limits.require(record.answer, "answer", within: Limits.text)
        try Limits.require(record.heardAnswer, "heard answer", within: Limits.text)
        try Limits.require(failure.reason ?? "", "reason of a failure", within: 16 * Limits.name)
        try Limits.require(record.handovers.count, "turn", within: Limits.handovers, unit: "handovers")
        for handover in record.handovers {
            try Limits.require(handover.from, "responder's name", within: Limits.name)
            try Limits.require(handover.reason, "reason of a handover", within: 16 * Limits.name)
        }
    }

    private var failure: (stage: String?, reason: String?) {
        if case .failed(let stage, let reason) = record.outcome { (stage.rawValue, reason) } else { (nil, nil) }
    }

    /// Stores the turn, and returns whether it takes the place of one that had no end yet. If the turn is stored with an
    /// end, the error of a primary key that is taken is thrown.
    func insert(into database: Database, at now: Date) throws -> Bool {
        try database.cachedStatement(
            sql: "DELETE FROM turns WHERE session_id = ? AND turn = ? AND outcome = ?"
        ).execute(arguments: [session, record.id, Turn.Outcome.unfinished.name])
        let isReplacement = database.changesCount > 0
        let timings = record.timings
        let playback = record.playback
        let arguments: StatementArguments = [
            session, record.id, record.outcome.name, failure.stage, failure.reason, record.transcript, record.language,
            record.answer, record.heardAnswer, record.responder,
            String(decoding: try JSONEncoder().encode(record.handovers), as: UTF8.self),
            timings.endpointing.milliseconds, timings.transcription?.milliseconds,
            timings.firstToken?.milliseconds, timings.firstSentence?.milliseconds, timings.synthesis?.milliseconds,
            timings.firstAudio?.milliseconds, timings.total?.milliseconds,
            playback.generated.milliseconds, playback.sent.milliseconds, playback.heard.milliseconds,
            playback.leaked.milliseconds, now.milliseconds,
        ]
        try database.cachedStatement(
            sql: """
                INSERT INTO turns (session_id, turn, outcome, failed_stage, failed_reason, transcript, language, answer,
                    heard, responder, handovers, endpointing_ms, transcription_ms, first_token_ms, first_sentence_ms,
                    synthesis_ms, first_audio_ms, total_ms, generated_ms, sent_ms, heard_ms, leaked_ms, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: arguments)
        return isReplacement
    }

    init(row: Row) throws {
        let word: String = row["outcome"]
        guard let outcome = Turn.Outcome(name: word, stage: row["failed_stage"], reason: row["failed_reason"]) else {
            throw StorageError.invalid(what: "turn", reason: "its outcome “\(word.forMessage)” is not known")
        }
        var record = Turn.Record(
            id: row["turn"],
            outcome: outcome,
            transcript: row["transcript"],
            answer: row["answer"],
            heardAnswer: row["heard"],
            responder: row["responder"]
        )
        record.language = row["language"]
        record.handovers = try JSONDecoder().decode([Turn.Handover].self, from: Data((row["handovers"] as String).utf8))
        record.timings.endpointing = Self.duration(row["endpointing_ms"]) ?? .zero
        record.timings.transcription = Self.duration(row["transcription_ms"])
        record.timings.firstToken = Self.duration(row["first_token_ms"])
        record.timings.firstSentence = Self.duration(row["first_sentence_ms"])
        record.timings.synthesis = Self.duration(row["synthesis_ms"])
        record.timings.firstAudio = Self.duration(row["first_audio_ms"])
        record.timings.total = Self.duration(row["total_ms"])
        record.playback = Turn.Playback(
            generated: .milliseconds(row["generated_ms"] as Int64),
            sent: .milliseconds(row["sent_ms"] as Int64),
            heard: .milliseconds(row["heard_ms"] as Int64),
            leaked: .milliseconds(row["leaked_ms"] as Int64)
        )
        self.init(session: row["session_id"], record: record)
        createdAt = Date(milliseconds: row["created_at"])
    }

    private static func duration(_ milliseconds: Int64?) -> Duration? {
        milliseconds.map { .milliseconds($0) }
    }
}
