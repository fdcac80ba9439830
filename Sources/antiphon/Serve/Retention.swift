import Conversation
import Foundation
import Logging
import ServiceLifecycle
import Serving
import Settings
import Speech
import Storage

/// Deletes what must not be kept any longer: old conversations and recordings, and answers kept for repeated requests.
struct Retention: Service {
    private static let interval: Duration = .seconds(3600)

    let store: Store
    let settings: SettingsStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await prune()
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    private func prune() async {
        await pruneRecordings()
        let age = settings.current.storage.keepSessions / .seconds(1)
        do {
            let deleted = try await store.sessions.prune(olderThan: Date() - age)
            try await store.idempotency.prune()
            if deleted > 0 { logger.info("old conversations deleted", metadata: ["conversations": "\(deleted)"]) }
        } catch is CancellationError {
            return
        } catch {
            logger.warning("old conversations not deleted", metadata: ["reason": "\(error)"])
        }
    }

    private func pruneRecordings() async {
        let (folder, age) = (settings.current.recordingFolder, settings.current.recording.keep / .seconds(1))
        let deleted = await offPool { Recording.prune(folder: folder, olderThan: Date() - age) }
        if deleted > 0 { logger.info("old recordings deleted", metadata: ["recordings": "\(deleted)"]) }
    }
}
