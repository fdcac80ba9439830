public import Logging

extension Logger.MetadataProvider {
    /// Adds `request_id` to every log line made while ``RequestID/current`` is set.
    public static let requestID = Logger.MetadataProvider {
        RequestID.current.map { ["request_id": .string($0.description)] } ?? [:]
    }
}
