import ArgumentParser
import Foundation
import Serving

/// Which parts of the server a key is for.
struct ScopeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A part of the server that the key is for: \(Self.names). May be given several times, or as a,b.",
            valueName: "scope"
        ),
        transform: { try Self.scopes(in: $0) }
    )
    var scope: [[AccessScope]] = []

    private static let names = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")

    private static func scopes(in text: String) throws -> [AccessScope] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let scope = AccessScope(rawValue: word.trimmingCharacters(in: .whitespaces).lowercased()) else {
                throw ValidationError("There is no scope “\(word)”; there are \(names).")
            }
            return scope
        }
    }

    /// What a key may do that is made with these options and permissions for topics.
    ///
    /// Without either it is for all but administration. Permissions for topics alone make a key for those topics and for
    /// nothing else.
    func grant(with permissions: Permissions?) -> AccessGrant {
        let given = Set(scope.joined())
        guard let permissions else { return given.isEmpty ? .usual : AccessGrant(given) }
        return AccessGrant(given.union([.events]), topics: permissions)
    }
}
